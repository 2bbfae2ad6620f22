"""Opening it all: predictors with what is wrong with them, books, an engine to leave again."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from churn_saver.config import Environment
from churn_saver.errors import ConfigError, InputError, LedgerUnavailable
from churn_saver.opening.engine import open_books, open_engine, open_predictors
from churn_saver.opening.places import DATABASE_URL, config_folder
from churn_saver.serve.app import sources_of
from churn_saver.store import open_store
from tests.builders import NOON, campaign
from tests.ladders import asking, measured


def ledger(folder: Path) -> str:
    """Name a ledger in a folder."""
    return f"sqlite:///{folder / 'ledger.db'}"


def altered(folder: Path) -> Path:
    """Write artefacts of which one is not what the manifest promised."""
    files = dict.fromkeys(("churn_model.ubj", "accept_model.ubj", "calibrator.json"), b"x")
    promised = {n: {"sha256": hashlib.sha256(b"y").hexdigest(), "size": 1} for n in files}
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    manifest = {
        "schema": 1, "code": "1", "files": promised, "provenance": {}, "metrics": {},
        "features": {"risk": ["tenure_months"], "accept": ["churn_risk", "offer_pct"]},
    }  # fmt: skip
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    return folder


def test_missing_predictors_are_a_fault_with_the_command(tmp_path: Path) -> None:
    """Named by file; no other folder is taken instead."""
    found, (degraded,) = open_predictors(Environment(MODEL_DIR=str(tmp_path)))

    assert found is None
    assert degraded.code == "predictors_unavailable"
    assert "MANIFEST.json" in str(degraded.fault)
    assert "make train-risk" in str(degraded.fault)


def test_altered_predictors_are_a_fault_with_the_file(tmp_path: Path) -> None:
    """The hash is compared before a byte is parsed."""
    _, (degraded,) = open_predictors(Environment(MODEL_DIR=str(altered(tmp_path))))

    assert ".ubj" in str(degraded.fault) or "calibrator.json" in str(degraded.fault)
    assert "SHA-256" in str(degraded.fault)


def test_the_kill_switch_needs_no_predictors(tmp_path: Path) -> None:
    """They are not even looked at, and nothing is wrong."""
    found, (degraded,) = open_predictors(Environment(MODEL_DIR=str(tmp_path), FORCE_BASELINE=True))

    assert (found, degraded.code, degraded.fault) == (None, "force_baseline", None)


def test_the_ledger_lies_in_var_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the working folder, made when it is not there."""
    monkeypatch.chdir(tmp_path)
    with open_books(Environment()) as store:
        store.ping()

    assert Path(DATABASE_URL.removeprefix("sqlite:///")).is_file()


def test_an_engine_is_opened_and_left(tmp_path: Path) -> None:
    """In a ledger with a campaign of its own no default is needed."""
    with open_store(ledger(tmp_path)) as store:
        store.campaigns.open(campaign())
    environment = Environment(DATABASE_URL=ledger(tmp_path), FORCE_BASELINE=True)
    with open_engine(environment, NOON) as opened:
        running = opened.engine.store.campaigns.current(NOON)

    assert running is not None
    assert running.campaign_id == "spring"
    assert opened.engine.predictors is None
    assert [one.code for one in opened.degraded] == ["force_baseline"]


def test_an_engine_without_books_is_an_error() -> None:
    """Of the ledger."""
    with pytest.raises(LedgerUnavailable, match="DATABASE_URL"):
        open_engine(Environment(DATABASE_URL="nonsense", FORCE_BASELINE=True), NOON)


def test_an_engine_without_settings_is_an_error(tmp_path: Path) -> None:
    """Of the settings, before anything is opened."""
    with pytest.raises(ConfigError, match="CONFIG_DIR"):
        open_engine(Environment(CONFIG_DIR=str(tmp_path), DATABASE_URL=ledger(tmp_path)), NOON)

    assert not (tmp_path / "ledger.db").exists()


def test_a_trained_policy_is_opened_with_the_rest(tmp_path: Path) -> None:
    """By its name, and as the champion."""
    made = measured(tmp_path / "policies")
    for name in ("ppo_price", "champion"):
        with open_engine(asking(tmp_path, name), NOON) as opened:
            decider = opened.engine.rules.decider

        assert decider.label == f"ppo_price@{made.files['ppo_price'][:16]}"
        assert (opened.degraded, opened.engine.notes) == ((), ())


def test_without_its_policy_an_engine_decides_by_the_knapsack_and_says_so(tmp_path: Path) -> None:
    """There is no ladder in the folder that POLICY_DIR names."""
    with open_engine(asking(tmp_path, "ppo_price"), NOON) as opened:
        decider = opened.engine.rules.decider

    (lack,) = opened.degraded
    assert (decider.label, lack.code) == ("knapsack", "policy_unavailable")
    assert opened.engine.notes == (f"policy_unavailable: {lack.fault}",)


def test_a_package_that_is_missing_is_an_error_before_anything_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of batch and service; the kill switch needs none."""
    monkeypatch.setitem(sys.modules, "numba", None)
    environment = asking(tmp_path, "exact")

    for open_it in (lambda: open_engine(environment, NOON), lambda: sources_of(environment)):
        with pytest.raises(ConfigError, match=r"policy 'exact' .* pip install 'churn-saver\[rl\]'"):
            open_it()

    assert not (tmp_path / "ledger.db").exists()
    with open_engine(asking(tmp_path, "exact", FORCE_BASELINE=True), NOON) as opened:
        assert opened.engine.rules.decider.label == "propensity_rule"
    assert sources_of(asking(tmp_path, "exact", FORCE_BASELINE=True)).rules.serve.policy == "exact"


def test_a_campaign_that_cannot_begin_is_an_error_of_the_settings(tmp_path: Path) -> None:
    """A limit that no ledger holds; the books are let go of (an open one would be a warning here)."""
    for name in ("env.yaml", "serve.yaml", "tabular.yaml"):
        text = (config_folder(Environment()) / name).read_text()
        (tmp_path / name).write_text(text.replace("limit: 1000.00", "limit: 1.0e+12"))
    environment = Environment(CONFIG_DIR=str(tmp_path), DATABASE_URL=ledger(tmp_path), FORCE_BASELINE=True)
    with pytest.raises(InputError, match=r"campaign\.limit"):
        open_engine(environment, NOON)
    with pytest.raises(InputError, match=r"campaign\.limit"):
        sources_of(environment).open_books(NOON)
