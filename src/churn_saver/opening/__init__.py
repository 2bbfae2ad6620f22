"""Open what decisions are made with: settings, predictors, policy, books, the campaign of a fresh server.

Shared by the service and the command line. The only place that knows where settings, artefacts and
the ledger lie by default; the environment and the time are handed in.
"""

from churn_saver.opening.campaigns import begin_default, campaign_for, default_campaign, read_frontier
from churn_saver.opening.engine import (
    PREDICTORS_UNAVAILABLE,
    Opened,
    open_books,
    open_engine,
    open_predictors,
)
from churn_saver.opening.places import (
    MODEL_DIR,
    POLICY_DIR,
    config_folder,
    defaults_folder,
    model_folder,
    policy_folder,
)
from churn_saver.opening.policies import Degradation, open_policy, require_installed
from churn_saver.opening.settings import read_data_settings, read_policy_settings, read_settings

__all__ = [
    "MODEL_DIR",
    "POLICY_DIR",
    "PREDICTORS_UNAVAILABLE",
    "Degradation",
    "Opened",
    "begin_default",
    "campaign_for",
    "config_folder",
    "default_campaign",
    "defaults_folder",
    "model_folder",
    "open_books",
    "open_engine",
    "open_policy",
    "open_predictors",
    "policy_folder",
    "read_data_settings",
    "read_frontier",
    "read_policy_settings",
    "read_settings",
    "require_installed",
]
