"""Every artefact missing, cut, altered or of another schema when the service starts; then it is mended.

Until then every answer is valid, names what it had to do without, and keeps the caps; afterwards it is
whole, without a restart. The classifier comes with the package: it is mended by installing that again.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from churn_saver.adapters.live import LiveWriter
from churn_saver.adapters.live_files import verified
from churn_saver.adapters.policies import policy_file
from churn_saver.config import Environment
from churn_saver.errors import ArtifactError
from churn_saver.opening import LIVE_UNAVAILABLE, Degradation, defaults_folder
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.serve.app import Doors, create_app, sources_of
from churn_saver.serve.runtime import Sources
from tests.failing import LONG, Failing, FailingRuntime
from tests.ladders import asking, measured
from tests.live_exports import exported
from tests.rigs import Rig
from tests.serving import NOON, PATIENT, Clock, started

BASELINE = {"policy": "propensity_rule", "model_version": "none"}
FILES = {
    "risk": ("models/churn_model.ubj", "models/MANIFEST.json", "predictors_unavailable", BASELINE),
    "accept": ("models/accept_model.ubj", "models/MANIFEST.json", "predictors_unavailable", BASELINE),
    "calibration": ("models/calibrator.json", "models/MANIFEST.json", "predictors_unavailable", BASELINE),
    "policy": (
        f"policies/{policy_file('ppo_price')}", "policies/ladder.json", "policy_unavailable",
        {"policy": "knapsack"},
    ),
    "live": ("live/model.gguf", "live/manifest.json", "live_unavailable", {"message_source": "bank"}),
    "bank": (
        "message_bank/bank.jsonl", "message_bank/manifest.json", "bank_unavailable",
        {"message_source": "template"},
    ),
    "toxicity": (
        "toxicity/weights.npz", "toxicity/manifest.json", "toxicity_unavailable", {"message_source": "bank"},
    ),
}  # fmt: skip
"""Of each artefact its file, what vouches for it, and what an answer without it says."""


def missing(path: Path, _voucher: Path) -> None:
    """Take the file away."""
    path.unlink()


def cut(path: Path, _voucher: Path) -> None:
    """Take its last byte away."""
    path.write_bytes(path.read_bytes()[:-1])


def altered(path: Path, _voucher: Path) -> None:
    """Turn one bit over in its middle."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def of_another_schema(_path: Path, voucher: Path) -> None:
    """Let what vouches for it be written by another version; the classifier's has no number, but names."""
    found = json.loads(voucher.read_bytes())
    found["schema"], found["files"] = 99, {}
    voucher.write_text(json.dumps(found))


FAULTS = (missing, cut, altered, of_another_schema)


def opened_live(folder: Path) -> tuple[LiveWriter | None, tuple[Degradation, ...]]:
    """Open a live writer as the service does, with a runtime that needs no real model."""
    try:
        asking = verified(folder)
    except ArtifactError as error:
        return None, (Degradation(LIVE_UNAVAILABLE, str(error)),)
    return LiveWriter(FailingRuntime(Failing()), asking, LONG * 1_000), ()


def sources(environment: Environment, folder: Path, live: bool) -> Sources:
    """Give the service of an environment, the classifier in a folder of its own, a live writer if wanted."""
    found = sources_of(environment)
    judge, no_judge = open_toxicity(folder / "toxicity")
    worded = replace(found.rules, shield=replace(found.rules.shield, judge=judge))

    def open_bank() -> tuple[object, tuple[Degradation, ...]]:
        bank, lacks = found.open_bank()
        return bank, (*lacks, *no_judge)

    opener = (lambda: opened_live(folder / "live")) if live else found.open_live
    return replace(found, rules=worded, open_bank=open_bank, open_live=opener)  # type: ignore[arg-type]


def placed(folder: Path, books: Path) -> Environment:
    """Put all artefacts into a folder, whole."""
    models = folder / "models"
    models.mkdir()
    for path in defaults_folder().iterdir():
        if path.suffix in (".ubj", ".json"):
            shutil.copy(path, models)
    shutil.copytree(defaults_folder() / "toxicity", folder / "toxicity")
    measured(folder / "policies")
    exported(folder / "live")
    shutil.copy(books, folder / "ledger.db")
    return asking(folder, "champion", MODEL_DIR=str(models), LIVE_DIR=str(folder / "live"))


@contextmanager
def rig(environment: Environment, folder: Path, live: bool = False) -> Iterator[Rig]:
    """Start a service whose requests wait as long as it takes."""
    clock = Clock(NOON)
    app = create_app(
        sources(environment, folder, live), clock, Doors.of(PATIENT), lambda over, _: over.wait(LONG)
    )
    with started(app) as client:
        yield Rig(client, clock, folder / "ledger.db")


@pytest.mark.parametrize(("artefact", "fault"), list(product(FILES, FAULTS)))
def test_what_cannot_be_read_is_done_without_until_it_is_mended(
    tmp_path: Path, books: Path, artefact: str, fault: Callable[[Path, Path], None]
) -> None:
    """Not ready, and four customers are answered by the next rung all the same."""
    file, voucher, code, expected = FILES[artefact]
    environment, live = placed(tmp_path, books), artefact == "live"
    kept = {path: path.read_bytes() for path in (tmp_path / file, tmp_path / voucher)}
    fault(tmp_path / file, tmp_path / voucher)
    with rig(environment, tmp_path, live) as service:
        found = [service.ask(f"C{i}") for i in range(4)]
        again = service.ask("C0")
        for path, content in kept.items():
            path.write_bytes(content)
        after = None if artefact == "toxicity" else service.until_normal()
        contacts = service.contacts([f"C{i}" for i in range(4)])
    if after is None:
        with rig(environment, tmp_path, live) as service:
            after = service.ask("anew")

    assert service.ready.status_code == (200 if artefact == "toxicity" else 503)
    for answer in found:
        assert answer["metadata"]["degraded_reasons"] == [code]
        assert answer["metadata"] | expected == answer["metadata"]
        assert (answer["decision"]["contact"], bool(answer["message"])) == (True, True)
    assert (again["decision"]["contact"], contacts) == (False, [1] * 4)
    assert after["metadata"]["degraded_reasons"] == []
    assert after["metadata"]["policy"].startswith("ppo_price@")
    assert after["metadata"]["message_source"] == ("live" if live else "bank")


def no_folder(path: Path) -> None:
    """Let a file stand where the ledger's folder should be."""
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.write_text("no folder")


def garbage(path: Path) -> None:
    """Let the ledger be no database."""
    path.write_bytes(b"no database at all" * 1_000)


def of_another_version(path: Path) -> None:
    """Let a version have migrated it that nobody here knows."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    connection.close()


@pytest.mark.parametrize("fault", [no_folder, garbage, of_another_version])
def test_without_a_ledger_nobody_is_contacted_until_there_is_one(
    tmp_path: Path, books: Path, fault: Callable[[Path], None]
) -> None:
    """The answer is scored, labelled, and promises nothing."""
    folder = tmp_path / "ledger"
    folder.mkdir()
    ledger = Path(shutil.copy(books, folder / "books.db"))
    environment = placed(tmp_path, books).model_copy(update={"DATABASE_URL": f"sqlite:///{ledger}"})
    fault(ledger)
    with rig(environment, tmp_path) as service:
        found = [service.ask() for _ in range(4)]
        if folder.is_file():
            folder.unlink()
            folder.mkdir()
        shutil.copy(books, ledger)
        after = service.until_normal()

    assert service.ready.status_code == 503
    for answer in found:
        assert (answer["decision"]["contact"], answer["message"]) == (False, None)
        assert answer["metadata"]["degraded_reasons"] == ["ledger_unavailable"]
        assert answer["metadata"]["reasons"] == ["state_unreadable"]
        assert answer["metadata"]["churn_risk"] is not None
        assert answer["metadata"]["decision_id"] is None
    assert after["decision"]["contact"] is True
