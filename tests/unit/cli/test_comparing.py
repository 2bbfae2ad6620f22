"""`churn-saver compare` as a person runs it."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.cli.comparing import FAILED
from churn_saver.decide import Engine, decide_now
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.domain.proposal import Versions
from churn_saver.domain.versions import Role
from churn_saver.errors import CampaignError, InputError, VersionError
from churn_saver.evidence.promotion import digest_of, is_passed
from churn_saver.opening.versions import VERSIONS_DIR
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, customers, rules
from tests.kept_versions import kept_version
from tests.ledgers import new_ledger
from tests.logbooks import FEATURES
from tests.shadowing import shadowed
from tests.unit.store.batches import silence

LEDGER = "sqlite:///ledger.db"
EACH = 32
NAMES = ("propensity_rule", "old")
FAIR = ("--fairness", "contract_type=0.2")
LATER = NOON + timedelta(days=31)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("BANK_DIR", "nowhere")


def made(stay: tuple[int, int] = (EACH, EACH // 2)) -> None:
    """Write a ledger in which the propensity rule and another one decided about 32 customers each.

    Args:
        stay: How many stay with either.
    """
    Path("ledger.db").write_bytes(_books(stay))


@cache
def _books(stay: tuple[int, int]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with open_store(new_ledger(path)) as store:
            store.campaigns.open(campaign())
            engine = Engine(store, None, rules())
            new = [decide_now(customers(ids=[f"N{n}"]), engine, NOON).decision_id for n in range(EACH)]
            told = json.dumps(FEATURES | {"bill_minor": 6_000})
            rows = silence(
                [f"O{n}" for n in range(EACH)], features=[told] * EACH,
                versions=Versions("old", "none", "1"), arm_probability=np.ones(EACH),
            )  # fmt: skip
            _become(store, new, stay[0])
            _become(store, store.settle("spring", rows, NOON).decision_ids, stay[1])
        return path.read_bytes()


def _become(store: Store, ids: Sequence[str], stay: int) -> None:
    for name in ids[:stay]:
        store.record_outcome(name, OutcomeKind.RETAINED, LATER, LATER)
    for name in ids[stay:]:
        store.record_outcome(name, OutcomeKind.CHURNED, NOON + timedelta(days=10), LATER)


def run(*arguments: str) -> Result:
    """Run the command on the campaign."""
    return CliRunner().invoke(app, ["compare", *arguments, "--campaign", "spring"])


def test_a_better_challenger_passes_and_its_evidence_is_written() -> None:
    """All of 32 stay, against 16; 32 decisions come out the same; the file is what promote reads."""
    made()
    found = run(*NAMES, "--share", "0.5", *FAIR, "--json", "evidence.json", "--out", "there")
    told = " ".join(found.output.split())

    assert found.exit_code == 0, found.output
    assert "propensity_rule may become champion after old: all 5 conditions hold" in told
    assert "32 decisions of propensity_rule, made again, are the same to the bit" in told
    assert is_passed(json.loads(Path("evidence.json").read_text()))
    assert Path("there/comparison.json").read_bytes() == Path("evidence.json").read_bytes()
    assert "<svg" in Path("there/comparison.html").read_text()


def test_one_that_is_no_better_does_not_pass_and_says_why() -> None:
    """Exit code 3; the evidence is written all the same, and is none."""
    made((16, 16))
    found = run(*NAMES, "--share", "0.5", *FAIR, "--json", "evidence.json")

    assert found.exit_code == FAILED
    assert "may not become champion" in found.output
    assert not is_passed(json.loads(Path("evidence.json").read_text()))


def test_what_nobody_stated_is_no_pass() -> None:
    """No share and no column: two conditions of five."""
    made()
    found = run(*NAMES, "--json", "evidence.json")
    told = Path("evidence.json").read_text()

    assert found.exit_code == FAILED
    assert "nobody wrote down which share" in told
    assert "no column was named" in told


def test_an_override_is_kept_in_the_evidence() -> None:
    """With its text."""
    made()
    found = run(*NAMES, "--share", "0.5", "--override", "no groups are kept", "--json", "evidence.json")

    assert found.exit_code == 0, found.output
    assert "no groups are kept" in Path("evidence.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (("old", "old"), InputError, "challenger and champion are both 'old', wanted two that differ"),
        (("0" * 12, "old"), VersionError, "is not registered"),
        ((*NAMES, "--fairness", "city"), InputError, "--fairness is 'city', wanted COLUMN=BOUND"),
        ((*NAMES, "--fairness", "city=-1"), InputError, "--fairness is 'city=-1', wanted COLUMN=BOUND"),
        ((*NAMES, "--reward", "fame"), InputError, "--reward is 'fame', wanted one of: retained, margin"),
        ((*NAMES, "--share", "1"), InputError, "--share is 1, wanted more than 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    arguments: tuple[str, ...], error: type[Exception], match: str
) -> None:
    """By name, before anything is compared."""
    made()
    found = run(*arguments)

    assert isinstance(found.exception, error)
    assert match in str(found.exception)


def test_a_campaign_that_is_not_there_is_refused() -> None:
    """By the books."""
    new_ledger(Path("ledger.db"))
    found = run(*NAMES)

    assert isinstance(found.exception, CampaignError)
    assert "'spring'" in str(found.exception)


def kept() -> tuple[str, list[str]]:
    """Keep a version that never decided, give it the role of the shadow, and name all decisions."""
    version = kept_version(VERSIONS_DIR, "greedy")
    with open_store(LEDGER) as store:
        store.registry.register(version, "", "test", NOON)
        store.registry.promote(version.digest, Role.SHADOW, "test", NOON)
        return version.digest, list(store.logbook("spring").decision_ids)


def test_a_version_that_never_served_is_asked_about_the_decisions_of_others() -> None:
    """Here nothing was left to chance, so nobody can say what it would have earned: that is the reason."""
    made()
    digest, _ = kept()
    found = run(digest[:12], "propensity_rule", *FAIR, "--json", "evidence.json")
    written = json.loads(Path("evidence.json").read_text())
    reason = next(one["reason"] for one in written["conditions"] if one["name"] == "value")

    assert found.exit_code == FAILED, found.output
    assert (written["challenger_version"], written["shadow"]) == (digest, None)
    assert reason.startswith("target wants another arm in 64 of 64 rows in which the log drew one with prob")
    assert "let it serve" not in found.output


def test_what_a_shadow_would_have_done_stands_beside_the_verdict() -> None:
    """Asked about 30 of the 32 decisions of the old one, all of which it would have contacted."""
    made()
    digest, names = kept()
    with open_store(LEDGER) as store:
        log = store.logbook("spring")
        old = [name for name, who in zip(names, log.policies, strict=True) if who == "old"]
        store.shadows.keep([shadowed(digest, old[:30])])
    found = run(digest[:12], "old", *FAIR, "--json", "evidence.json", "--out", "there")
    written = json.loads(Path("evidence.json").read_text())
    told = " ".join(found.output.split())

    assert written["shadow"]["decisions"] == 30
    assert written["shadow"]["unasked"] == 2
    assert written["shadow"]["alike"] == {"none": [0, 30]}
    assert written["shadow"]["contacts"] == [30, 0]
    assert written["shadow"]["reserved_minor"] == [30_000, 0]
    assert "wanted what the champion wanted │ 0 of 30, 0.0%" in told
    assert 'id="shadow"' in Path("there/comparison.html").read_text()
    assert written["digest"] == digest_of(written)
