"""Versions as they are kept on disk, for tests of who decides: shipped predictors, hand-made ladders."""

from pathlib import Path

from churn_saver.adapters.versions import gathered, keep
from churn_saver.domain.versions import Version
from churn_saver.opening import defaults_folder
from tests.ladders import measured


def kept_version(root: Path, rung: str = "knapsack") -> Version:
    """Keep the shipped predictors with a rung that needs nothing, and give the version."""
    version, contents = gathered(rung, defaults_folder(), None, None)
    keep(root, version, contents)
    return version


def kept_policy(root: Path, policies: Path, rung: str = "ppo_price") -> Version:
    """Keep the shipped predictors with a hand-made policy, and give the version."""
    measured(policies, rung)
    version, contents = gathered(rung, defaults_folder(), policies, None)
    keep(root, version, contents)
    return version
