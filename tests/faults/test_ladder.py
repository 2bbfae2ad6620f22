"""What fails while it serves: every answer is valid, names what it had to do without, and keeps the caps.

Each artefact raises, gives nonsense, comes late or hangs; `test_ladder_on_disk` has the faults of files.
Nothing here waits for time to pass: what hangs waits to be released, and a deadline passes when something
hangs. Bank and classifier are in memory and only look things up, so they neither come late nor hang.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import cast

import pytest

from churn_saver.adapters.live import LiveWriter
from churn_saver.journey import Decider
from churn_saver.message.bank import Bank
from churn_saver.policy.network import PolicyNetwork
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.runtime import Sources
from churn_saver.store import open_store, sqlite_url
from tests.builders import rules
from tests.failing import (
    HANGS,
    NONSENSE,
    RAISES,
    SLOW,
    Failing,
    FailingBank,
    FailingNetwork,
    FailingRuntime,
    failing_judge,
    failing_predictors,
)
from tests.rigs import PAUSE, Rig
from tests.serving import NOON, PATIENT, PREDICT, Clock, started
from tests.trained import served

GUARD = rules().serve.guard
NORMAL = {"policy": "ppo_price@", "model_version": "told", "message_source": "bank"}
WITHOUT = {
    "risk": ("predictors_unavailable", {"policy": "propensity_rule", "model_version": "none"}),
    "accept": ("predictors_unavailable", {"policy": "propensity_rule", "model_version": "none"}),
    "policy": ("policy_unavailable", {"policy": "knapsack"}),
    "live": ("live_unavailable", {"message_source": "bank"}),
    "bank": ("bank_unavailable", {"message_source": "template"}),
    "toxicity": ("toxicity_unavailable", {"message_source": "bank"}),
}
"""Code of each artefact, and what the answer then says of who decided and who wrote."""
GUARDED = ("risk", "accept", "policy", "live")
MATRIX = [
    *product(GUARDED, (RAISES, NONSENSE, SLOW, HANGS)),
    *product(("bank", "toxicity"), (RAISES, NONSENSE)),
]


def told(failing: dict[str, Failing], ledger: Path, waiting: Failing, live: bool) -> Sources:
    """Give a service whose artefacts are all there, and fail as they are told."""
    plain = rules()
    policy = replace(
        served("full_price", 1),
        network=cast(PolicyNetwork, FailingNetwork(failing["policy"])),
        version="0123456789abcdef",
    )
    writer = LiveWriter(FailingRuntime(failing["live"]), "\n", 60_000, wait=waiting.wait) if live else None
    bank = cast(Bank, FailingBank(failing["bank"]))
    return Sources(
        replace(plain, shield=replace(plain.shield, judge=failing_judge(failing["toxicity"]))),
        lambda _: open_store(sqlite_url(ledger)),
        lambda: (failing_predictors(failing["risk"], failing["accept"]), ()),
        lambda: (Decider("ppo_price", policy), ()),
        lambda: (bank, ()),
        lambda: (writer, ()),
    )


@contextmanager
def rig(books: Path, folder: Path, artefact: str) -> Iterator[tuple[Rig, Failing]]:
    """Start a service on books of its own; live messages are written where they are what fails."""
    ledger, clock = Path(shutil.copy(books, folder / "ledger.db")), Clock(NOON)
    failing = {name: Failing() for name in WITHOUT}
    waiting = failing[artefact]
    sources = told(failing, ledger, waiting, live=artefact == "live")
    with started(create_app(sources, clock, Doors.of(PATIENT), waiting.wait)) as client:
        try:
            yield Rig(client, clock, ledger), waiting
        finally:
            waiting.mend()


@pytest.mark.parametrize(("artefact", "fault"), MATRIX)
def test_what_fails_while_it_serves_is_done_without(
    tmp_path: Path, books: Path, artefact: str, fault: str
) -> None:
    """Six customers are answered by the next rung, labelled; a model is left alone after three faults.

    A draft that the shield stops is no fault of who wrote it: the bank answers, and nothing is missing.
    """
    code, expected = WITHOUT[artefact]
    codes = [] if (artefact, fault) == ("live", NONSENSE) else [code]
    customers = [f"C{i}" for i in range(6)]
    with rig(books, tmp_path, artefact) as (service, failing):
        before = service.ask()
        failing.how, failing.asked = fault, 0
        found = [service.ask(customer) for customer in customers]
        asked = failing.asked
        again = service.ask(customers[0])
        ready, page = service.client.get("/readyz").json(), service.page()
        service.clock.now += PAUSE
        probed = service.ask("C6")
        probes = failing.asked - asked
        failing.mend()
        after = service.until_normal()
        mended = service.page()

        assert service.contacts([*customers, "C6"]) == [1] * 7

    normal = {**NORMAL, "message_source": "live"} if artefact == "live" else NORMAL
    for whole in (before["metadata"], after["metadata"]):
        assert {name: whole[name][: len(value)] for name, value in normal.items()} == normal
        assert whole["degraded_reasons"] == []
    for answer in (*found, probed):
        assert answer["metadata"]["degraded_reasons"] == codes
        assert answer["metadata"] | expected == answer["metadata"]
        assert answer["decision"]["contact"] is True
        assert answer["message"]
    assert again["decision"]["contact"] is False
    assert "cooldown" in again["metadata"]["reasons"]
    if artefact in GUARDED and codes:
        name = code.removesuffix("_unavailable")
        assert asked <= GUARD.faults
        assert probes <= 1
        assert (ready["status"], ready["degraded_reasons"]) == ("degraded", codes)
        assert f'churn_saver_breaker_open{{artefact="{name}"}} 1.0' in page
        assert f'churn_saver_breaker_open{{artefact="{name}"}} 0.0' in mended
    if codes:
        assert any(line.startswith("churn_saver_faults_total{artefact=") for line in page)


def test_a_model_that_hangs_holds_its_threads_and_nobody_else(tmp_path: Path, books: Path) -> None:
    """Of 24 at once all are answered by the propensity rule, whoever waits behind what hangs too."""
    failing = {name: Failing() for name in WITHOUT}
    risk, ledger = failing["risk"], Path(shutil.copy(books, tmp_path / "ledger.db"))
    sources = told(failing, ledger, risk, live=False)
    two = sources.rules.serve.model_copy(update={"guard": GUARD.model_copy(update={"threads": 2})})
    sources = replace(sources, rules=replace(sources.rules, serve=two))

    def wait(over: threading.Event, seconds: float) -> bool:
        while not over.wait(0.005):
            if risk.asked:
                return False
        return True

    risk.how = HANGS
    bodies = [{**PREDICT, "customer_id": f"C{i}"} for i in range(24)]
    with started(create_app(sources, Clock(NOON), Doors.of(PATIENT), wait)) as client:
        answers = client.at_once("/predict", bodies)
        hanging = [one.name for one in threading.enumerate() if one.name == "predictors"]
        risk.mend()

    assert [answer.status_code for answer in answers] == [200] * 24
    for answer in answers:
        assert answer.json()["metadata"]["policy"] == "propensity_rule"
        assert answer.json()["metadata"]["degraded_reasons"] == ["predictors_unavailable"]
    assert risk.asked <= 2
    assert len(hanging) <= 2
