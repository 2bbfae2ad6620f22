"""`churn-saver versions`, `promote` and `rollback` as a person runs them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.decide import Engine, decide_now
from churn_saver.domain.versions import Roles
from churn_saver.errors import ArtifactError, ChurnSaverError, InputError, VersionError
from churn_saver.evidence.promotion import NAMES, digest_of
from churn_saver.opening import defaults_folder
from churn_saver.opening.versions import VERSIONS_DIR, open_version
from churn_saver.store import open_store
from tests.builders import NOON, campaign, customers, rules
from tests.ladders import ENV
from tests.ledgers import new_ledger
from tests.shadowing import shadowed

LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)
    monkeypatch.setenv("MODEL_DIR", str(defaults_folder()))
    monkeypatch.setenv("POLICY_DIR", str(defaults_folder()))
    monkeypatch.setenv("COLUMNS", "200")
    new_ledger(Path("ledger.db"))


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> str:
    """Run a command that must succeed, and give what it said in one line."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return " ".join(result.output.split())


def registered(rung: str) -> str:
    """Register a version and give its hash."""
    told("versions", "register", "--policy", rung, "--note", f"the {rung}")
    with open_store(LEDGER) as store:
        return next(one.version.digest for one in store.registry.list() if one.version.rung == rung)


def roles() -> Roles:
    """Say who has which role."""
    with open_store(LEDGER) as store:
        return store.control().roles


def report(challenger: str, champion: str, passes: bool = True, **changes: Any) -> str:
    """Write a gate report, and give its path."""
    held = {"holds": passes, "reason": ""}
    conditions: list[dict[str, object]] = [{"name": name, "figures": {}} | held for name in NAMES]
    body = {"challenger": challenger, "champion": champion, "passes": passes, "conditions": conditions}
    written: dict[str, object] = {**body, **changes}
    written.setdefault("digest", digest_of(written))
    Path("gate.json").write_text(json.dumps(written))
    return "gate.json"


def refused(kind: type[ChurnSaverError], *arguments: str) -> str:
    """Run a command that must be refused, and give what it said."""
    error = run(*arguments).exception
    assert isinstance(error, kind), error
    return str(error)


def test_a_version_is_registered_listed_and_shown() -> None:
    """Its files are kept by its hash; registered again it is there already."""
    digest = registered("greedy")
    again = told("versions", "register", "--policy", "greedy")
    listed, shown = told("versions", "list"), told("versions", "show", digest[:6])

    assert again.startswith(f"is there already: {digest[:12]} (greedy, predictors ")
    assert f"{digest[:12]} greedy" in listed
    assert "the greedy" in listed
    assert "what settings and folders name decides" in listed
    assert digest in shown
    assert f"files are whole in {VERSIONS_DIR / digest}" in shown


def test_broken_files_are_said() -> None:
    """And such a version is not promoted: services would go on without it."""
    digest = registered("greedy")
    (VERSIONS_DIR / digest / "churn_model.ubj").write_bytes(b"x")

    assert "churn_model.ubj has SHA-256" in told("versions", "show", digest)
    assert "cannot be loaded" in refused(ArtifactError, "promote", digest, "--to", "shadow")
    assert roles() == Roles()


def test_a_challenger_takes_its_share() -> None:
    """The share grows by promoting again; the list says it."""
    digest = registered("greedy")
    first = told("promote", digest[:8], "--to", "challenger", "--share", "0.1")
    second = told("promote", digest[:8], "--to", "challenger", "--share", "0.25", "--reason", "it holds")

    assert first.startswith(f"challenger: {digest[:12]} (greedy, ")
    assert first.endswith(
        f"champion what settings and folders name challenger {digest[:12]}, 10.0% of the customers"
    )
    assert "25.0% of the customers" in second
    assert "challenger 25.0%" in told("versions", "list")
    assert "challenger, 25.0% of the customers by command line: it holds" in told("versions", "show", digest)


def test_a_champion_wants_a_passed_report() -> None:
    """Without one it says what to do; with one its digest is recorded."""
    digest = registered("greedy")
    said = refused(InputError, "promote", digest, "--to", "champion")
    path = report("greedy", "knapsack")
    found = told("promote", digest, "--to", "champion", "--evidence", path)
    with open_store(LEDGER) as store:
        (change,) = store.registry.changes()

    assert "--evidence FILE" in said
    assert "--override" in said
    assert f"champion {digest[:12]}" in found
    assert change.evidence == json.loads(Path(path).read_text())["digest"]
    assert f"gate report {str(change.evidence)[:12]}" in told("versions", "show", digest)


def test_an_override_is_recorded_with_its_reason() -> None:
    """Also beside a report that did not pass, whose digest stays."""
    first, second = registered("greedy"), registered("never")
    told("promote", first, "--to", "champion", "--override", "the first one")
    path = report("never", "greedy", passes=False)
    told("promote", second, "--to", "champion", "--evidence", path, "--override", "we stop")
    with open_store(LEDGER) as store:
        found = [(one.reason, one.evidence is not None) for one in store.registry.changes()]

    assert found == [
        ("override: the first one", False),
        (f"champion is {second[:12]} now", False),
        ("override: we stop", True),
    ]


@pytest.mark.parametrize(
    ("challenger", "champion", "changes", "said"),
    [
        ("never", "knapsack", {}, "is about challenger 'never', wanted"),
        ("greedy", "random", {}, "is about champion 'random', wanted"),
        ("greedy", "knapsack", {"challenger_version": "0" * 64}, "is about challenger '0000"),
        ("greedy", "knapsack", {"passes": False}, "did not pass"),
        ("greedy", "knapsack", {"conditions": []}, "did not pass"),
        ("greedy", "knapsack", {"digest": "0" * 64}, "was changed after it was written"),
    ],
)
def test_a_report_of_others_or_one_that_was_changed_or_did_not_pass_is_refused(
    challenger: str, champion: str, changes: dict[str, Any], said: str
) -> None:
    """The knapsack is champion; nothing changes."""
    first, second = registered("knapsack"), registered("greedy")
    told("promote", first, "--to", "champion", "--override", "the first one")
    path = report(challenger, champion, **changes)

    assert said in refused(InputError, "promote", second, "--to", "champion", "--evidence", path)
    assert roles() == Roles(first)


def test_what_is_no_report_is_refused() -> None:
    """Not there, not JSON, another document."""
    digest = registered("greedy")
    Path("list.json").write_text("[]")
    Path("text.json").write_text("passed")
    said = {
        name: refused(InputError, "promote", digest, "--to", "champion", "--evidence", name)
        for name in ("none.json", "list.json", "text.json")
    }

    assert "cannot be read" in said["none.json"]
    assert "is no gate report" in said["list.json"]
    assert "is not JSON" in said["text.json"]


def test_a_rollback_goes_back_and_needs_no_file() -> None:
    """Both versions' files are gone; back to the first, then to what settings name, then no further."""
    first, second = registered("greedy"), registered("never")
    for digest in (first, second):
        told("promote", digest, "--to", "champion", "--override", "tried")
        (VERSIONS_DIR / digest / "MANIFEST.json").unlink()
    found = told("rollback", "--reason", "spends too much", "--by", "night-shift")
    back = roles()
    last = told("rollback")

    assert found == f"champion {first[:12]}"
    assert back == Roles(first)
    assert last == "champion what settings and folders name"
    assert "no version is champion" in refused(VersionError, "rollback")
    assert "retired by night-shift: spends too much" in told("versions", "show", second)


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (("promote", "abcd", "--to", "king"), InputError, "--to is 'king', wanted shadow, challenger"),
        (("promote", "abcd", "--to", "shadow"), VersionError, "is not registered: there is none"),
        (("versions", "show", "x"), VersionError, "at least 4 hex digits"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: tuple[str, ...], kind: type[ChurnSaverError], said: str
) -> None:
    """With what was wanted."""
    assert said in refused(kind, *arguments)


def test_a_decision_of_a_version_that_serves_no_more_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its predictors are in no folder that settings name, only in what was kept by hash."""
    monkeypatch.setenv("BANK_DIR", "nowhere")
    digest = registered("greedy")
    version = open_version(ENV, digest)
    monkeypatch.setenv("MODEL_DIR", "nowhere")
    with open_store(LEDGER) as store:
        store.campaigns.open(campaign())
        engine = Engine(store, None, rules()).led_by(version)
        name = decide_now(customers(), engine, NOON).decision_id

    assert f"decision {name}, made again, is the same to the bit" in told("replay", name)


def test_a_shadow_is_listed_and_shown_with_what_it_was_asked() -> None:
    """Two decisions of which it wanted the same in none, and would have contacted both; at first nothing."""
    digest = registered("greedy")
    said = told("promote", digest, "--to", "shadow")
    before = told("versions", "show", digest)
    with open_store(LEDGER) as store:
        store.campaigns.open(campaign())
        engine = Engine(store, None, rules())
        names = [decide_now(customers(ids=[one]), engine, NOON).decision_id for one in ("A", "B")]
        other = shadowed(digest, names, intended=np.array([1, 1], dtype=np.int8))
        store.shadows.keep([other])
    after, listed = told("versions", "show", digest), told("versions", "list")

    assert said.endswith(f"shadow {digest[:12]}")
    assert "shadow of" not in before
    assert "shadow of 2 decisions; wanted the same in 0, would have contacted in 2" in after
    assert f"{digest[:12]} shadow greedy" in listed
    assert " 2 the greedy" in listed
