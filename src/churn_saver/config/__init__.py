"""Frozen settings, one class per file of ops/configs, and the environment.

The files hold all defaults, with unit and source; only those of the environment stand in code.
"""

from churn_saver.config.data import DataSettings
from churn_saver.config.env import CapsSettings, EnvSettings
from churn_saver.config.jobs import JobsSettings
from churn_saver.config.ppo import (
    LadderSettings,
    MultiplierSettings,
    PanelsSettings,
    PpoSettings,
    PricesSettings,
)
from churn_saver.config.protocol import GateBounds, ProtocolSettings
from churn_saver.config.reading import Settings, parse, yaml_mapping
from churn_saver.config.serving import CampaignSettings, GuardSettings, ServeSettings
from churn_saver.config.sources import Address, Source, SourceFile, SourcesSettings
from churn_saver.config.tabular import (
    AcceptSettings,
    BoosterSettings,
    GateSettings,
    RiskSettings,
    TabularSettings,
)
from churn_saver.config.text import (
    BankSettings,
    KlSettings,
    LoraSettings,
    PpoTextSettings,
    RmSettings,
    SftSettings,
    TrainingSettings,
)
from churn_saver.config.variables import Environment, environment
from churn_saver.config.watching import FairColumn, WatchSettings

__all__ = [
    "AcceptSettings",
    "Address",
    "BankSettings",
    "BoosterSettings",
    "CampaignSettings",
    "CapsSettings",
    "DataSettings",
    "EnvSettings",
    "Environment",
    "FairColumn",
    "GateBounds",
    "GateSettings",
    "GuardSettings",
    "JobsSettings",
    "KlSettings",
    "LadderSettings",
    "LoraSettings",
    "MultiplierSettings",
    "PanelsSettings",
    "PpoSettings",
    "PpoTextSettings",
    "PricesSettings",
    "ProtocolSettings",
    "RiskSettings",
    "RmSettings",
    "ServeSettings",
    "Settings",
    "SftSettings",
    "Source",
    "SourceFile",
    "SourcesSettings",
    "TabularSettings",
    "TrainingSettings",
    "WatchSettings",
    "environment",
    "parse",
    "yaml_mapping",
]
