"""Rungs found by their name and asked about the books, or refused where another would decide."""

from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.policies import write_policy
from churn_saver.config import Environment
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.evidence.logged import Floats
from churn_saver.opening.places import defaults_folder
from churn_saver.opening.versions import VERSIONS_DIR
from churn_saver.pipeline.asking_rungs import ask_rung, ask_version
from tests.kept_versions import kept_policy, kept_version
from tests.ladders import asking, measured
from tests.logbooks import logbook
from tests.trained import eager, served

shipped = pytest.mark.skipif(
    not (defaults_folder() / "MANIFEST.json").is_file(), reason="no predictors are shipped with this tree"
)
BOOK = logbook([{}, {"excluded": (0, 16, 16, 16, 16)}], limit_minor=500_000, exploration_share=0.2)


def ask(name: str, variables: Environment, explores: bool = False) -> Floats:
    """Ask about both decisions."""
    return ask_rung(name, BOOK, np.arange(2), variables, explores)


@shipped
def test_a_rung_is_asked_by_its_name_and_explores_only_if_told(tmp_path: Path) -> None:
    """Greedy contacts whom it may, whatever the kill switch says; a fifth is drawn from five choices."""
    variables = asking(tmp_path, "knapsack", FORCE_BASELINE=True)
    plain, exploring = ask("greedy", variables), ask("greedy", variables, explores=True)

    assert plain[:, 0].tolist() == [0, 1]
    assert sorted(exploring[0].tolist()) == pytest.approx([0.04, 0.04, 0.04, 0.04, 0.84])
    assert exploring[1].tolist() == [1, 0, 0, 0, 0]


@shipped
def test_a_trained_policy_is_asked_by_name_or_by_its_file(tmp_path: Path) -> None:
    """Both are the same."""
    measured(tmp_path / "policies")
    path = tmp_path / "ppo_policy_mine.safetensors"
    write_policy(path, eager(served("full_price")))
    variables = asking(tmp_path, "knapsack")
    by_name, by_file = ask("ppo_price", variables), ask(str(path), variables)

    np.testing.assert_array_equal(by_name, by_file)
    assert by_name[:, 0].tolist() == [0, 1]


@shipped
def test_whoever_would_not_decide_here_is_not_judged(tmp_path: Path) -> None:
    """A policy without a ladder, and one that was measured at other budgets."""
    variables = asking(tmp_path, "knapsack")

    with pytest.raises(ArtifactError, match=r"policy 'ppo' cannot serve, so the knapsack decides"):
        ask("ppo", variables)
    measured(tmp_path / "policies")
    poor = logbook([{}], limit_minor=100)
    with pytest.raises(ArtifactError, match=r"policy 'ppo' may not decide here: ppo@.* was measured at"):
        ask_rung("ppo", poor, np.arange(1), variables, False)


@shipped
def test_a_name_that_is_no_rung_is_refused(tmp_path: Path) -> None:
    """With those there are."""
    with pytest.raises(ConfigError, match=r"policy 'best' is no rung of the ladder\. .*knapsack"):
        ask("best", asking(tmp_path, "knapsack"))


def test_without_predictors_nobody_is_asked(tmp_path: Path) -> None:
    """The propensity rule would answer in every name."""
    with pytest.raises(ArtifactError, match=r"MANIFEST\.json"):
        ask("greedy", asking(tmp_path, "knapsack", MODEL_DIR=str(tmp_path)))


@shipped
def test_a_version_is_asked_with_its_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never served: rung and predictors are those that it was kept with, whatever settings name."""
    monkeypatch.chdir(tmp_path)
    version = kept_version(VERSIONS_DIR, "greedy")
    variables = asking(tmp_path, "never", MODEL_DIR=str(tmp_path / "nowhere"))
    found = ask_version(version.digest, BOOK, np.arange(2), variables)

    np.testing.assert_array_equal(found, ask("greedy", asking(tmp_path, "knapsack")))


@shipped
def test_a_version_that_may_not_decide_here_or_is_not_here_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured at other budgets; and of which there is no file."""
    monkeypatch.chdir(tmp_path)
    version, variables = kept_policy(VERSIONS_DIR, tmp_path / "policies"), asking(tmp_path, "knapsack")
    poor = logbook([{}], limit_minor=100)

    with pytest.raises(
        ArtifactError, match=rf"version {version.digest[:12]} may not decide here: ppo_price@"
    ):
        ask_version(version.digest, poor, np.arange(1), variables)
    with pytest.raises(ArtifactError, match="version 000000000000 cannot be loaded"):
        ask_version("0" * 64, BOOK, np.arange(2), variables)
