"""Open what decisions are made with: settings, predictors, policy, messages, books, a campaign.

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
from churn_saver.opening.messages import BANK_UNAVAILABLE, LIVE_UNAVAILABLE, open_bank, open_live
from churn_saver.opening.places import (
    BANK_DIR,
    LIVE_DIR,
    MODEL_DIR,
    POLICY_DIR,
    UPLIFT_DIR,
    bank_folder,
    config_folder,
    defaults_folder,
    ledger_url,
    live_folder,
    model_folder,
    policy_folder,
    shipped_bank_folder,
    uplift_folder,
)
from churn_saver.opening.policies import Degradation, open_policy, require_installed
from churn_saver.opening.settings import (
    read_data_settings,
    read_policy_settings,
    read_settings,
    read_text_settings,
)

__all__ = [
    "BANK_DIR",
    "BANK_UNAVAILABLE",
    "LIVE_DIR",
    "LIVE_UNAVAILABLE",
    "MODEL_DIR",
    "POLICY_DIR",
    "PREDICTORS_UNAVAILABLE",
    "UPLIFT_DIR",
    "Degradation",
    "Opened",
    "bank_folder",
    "begin_default",
    "campaign_for",
    "config_folder",
    "default_campaign",
    "defaults_folder",
    "ledger_url",
    "live_folder",
    "model_folder",
    "open_bank",
    "open_books",
    "open_engine",
    "open_live",
    "open_policy",
    "open_predictors",
    "policy_folder",
    "read_data_settings",
    "read_frontier",
    "read_policy_settings",
    "read_settings",
    "read_text_settings",
    "require_installed",
    "shipped_bank_folder",
    "uplift_folder",
]
