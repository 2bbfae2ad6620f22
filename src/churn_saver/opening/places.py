"""Where things lie: what the environment names, else the working folder, else what came with the package."""

from importlib import resources
from pathlib import Path

from churn_saver.adapters.banks import MANIFEST as BANK_MANIFEST
from churn_saver.adapters.ladder import LADDER
from churn_saver.config import Environment
from churn_saver.errors import ConfigError

DATABASE_URL = "sqlite:///var/churn_saver.db"
"""Ledger when DATABASE_URL is not set, relative to the working folder."""
MODEL_DIR = Path("models/risk_accept/artifacts")
"""Where training writes, relative to the working folder; used once it holds a manifest."""
POLICY_DIR = Path("checkpoints")
"""Where trained policies and their ladder are written, relative to the working folder; used once it holds
a ladder."""
BANK_DIR = Path("checkpoints/message_bank")
"""Where `churn-saver message-bank` writes, relative to the working folder; used once it holds a bank."""
UPLIFT_DIR = Path("models/uplift")
"""Where `churn-saver train-uplift` writes, relative to the working folder."""
LIVE_DIR = Path("checkpoints/live_model")
"""Where `churn-saver live-model` writes, relative to the working folder."""
CONFIG_DIR = Path("ops/configs")


def ledger_url(environment: Environment) -> str:
    """Say where the ledger is: what DATABASE_URL names, else a file below the working folder.

    Raises:
        ConfigError: on Cloud Run, whose files are gone when a container ends, and the ledger is a file.
    """
    url = environment.DATABASE_URL or DATABASE_URL
    if environment.K_SERVICE is not None and url.startswith("sqlite"):
        raise ConfigError(
            f"service {environment.K_SERVICE!r} of Cloud Run would keep its ledger in a file, which is gone "
            "when its container ends. Set DATABASE_URL to postgresql://user:password@host/name"
        )
    return url


def config_folder(environment: Environment) -> Path:
    """Find the settings: CONFIG_DIR, else ./ops/configs, else the copy that came with the package."""
    if environment.CONFIG_DIR is not None:
        return Path(environment.CONFIG_DIR)
    package = Path(str(resources.files("churn_saver")))
    # A wheel carries the copy inside; an editable install stands in its repository.
    places = (CONFIG_DIR, package / "configs", package.parents[1] / CONFIG_DIR)
    return next((place for place in places if (place / "serve.yaml").is_file()), CONFIG_DIR)


def defaults_folder() -> Path:
    """Give the folder of what is shipped with the package."""
    return Path(str(resources.files("churn_saver") / "defaults"))


def model_folder(environment: Environment) -> Path:
    """Find the predictors: MODEL_DIR, else what was trained here, else the shipped ones."""
    if environment.MODEL_DIR is not None:
        return Path(environment.MODEL_DIR)
    return MODEL_DIR if (MODEL_DIR / "MANIFEST.json").is_file() else defaults_folder()


def policy_folder(environment: Environment) -> Path:
    """Find the ladder and its policies: POLICY_DIR, else what was measured here, else the shipped ones."""
    if environment.POLICY_DIR is not None:
        return Path(environment.POLICY_DIR)
    return POLICY_DIR if (POLICY_DIR / LADDER).is_file() else defaults_folder()


def uplift_folder(environment: Environment) -> Path:
    """Find the learned effects: UPLIFT_DIR, else those that were learned here; none are shipped."""
    return UPLIFT_DIR if environment.UPLIFT_DIR is None else Path(environment.UPLIFT_DIR)


def bank_folder(environment: Environment) -> Path:
    """Find the messages: BANK_DIR, else the bank that was made here, else the shipped one."""
    if environment.BANK_DIR is not None:
        return Path(environment.BANK_DIR)
    return BANK_DIR if (BANK_DIR / BANK_MANIFEST).is_file() else shipped_bank_folder()


def shipped_bank_folder() -> Path:
    """Give the folder of the messages that are shipped with the package."""
    return defaults_folder() / "message_bank"


def live_folder(environment: Environment) -> Path:
    """Find the exported model that writes live: LIVE_DIR, else the one that was exported here."""
    return LIVE_DIR if environment.LIVE_DIR is None else Path(environment.LIVE_DIR)
