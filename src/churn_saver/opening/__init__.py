"""Open what decisions are made with: settings, predictors, books, and the campaign of a fresh server.

Shared by the service and the command line. The only place that knows where settings, artefacts and
the ledger lie by default; the environment and the time are handed in.
"""

from churn_saver.opening.campaigns import begin_default, campaign_for, default_campaign, read_frontier
from churn_saver.opening.engine import Degradation, Opened, open_books, open_engine, open_predictors
from churn_saver.opening.places import MODEL_DIR, config_folder, defaults_folder, model_folder
from churn_saver.opening.settings import read_data_settings, read_policy_settings, read_settings

__all__ = [
    "MODEL_DIR",
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
    "open_predictors",
    "read_data_settings",
    "read_frontier",
    "read_policy_settings",
    "read_settings",
]
