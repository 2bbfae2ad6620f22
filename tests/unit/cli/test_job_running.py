"""Runs of training jobs from the command line: begun, taken up, called off, and kept from each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import sleep

import pytest
import yaml

from churn_saver.adapters.locks import locked
from churn_saver.cli.job_running import (
    RUNS,
    Wish,
    call_off,
    follow,
    known_run,
    known_runs,
    settings_of,
    stages_of,
    unfinished,
)
from churn_saver.domain.jobs import Order
from churn_saver.errors import InputError, TrainingError
from churn_saver.pipeline.jobs_file import CALLED_OFF, LOCK, Kept, Target, read_state
from tests.job_runs import DictJobs, Killed, ends
from tests.tiny_configs import CONFIGS

PATIENCE_SECONDS = 120.0
"""Far more than a job takes to begin."""
SIX = ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")


@dataclass
class Deadly(DictJobs):
    """Jobs whose runner is killed after so many of them were handed over."""

    left: int = 0
    then: Callable[[], None] = field(default=lambda: None)

    def submit(self, order: Order) -> str:
        """Take an order in, and count."""
        where = super().submit(order)
        self.left -= 1
        if self.left == 0:
            self.then()
            raise Killed
        return where


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tables, and settings without a pause."""
    (tmp_path / "configs").mkdir()
    for path in CONFIGS.glob("*.yaml"):
        (tmp_path / "configs" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    jobs = yaml.safe_load((CONFIGS / "jobs.yaml").read_text()) | {"poll_seconds": 0.001}
    (tmp_path / "configs" / "jobs.yaml").write_text(yaml.safe_dump(jobs))
    (tmp_path / "data").mkdir()
    for name in ("churn_train.csv", "accept_train.csv"):
        (tmp_path / "data" / name).write_text("one row\n")
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def target(folder: str = "trees") -> Target:
    """Give a place whose trees lie in a folder."""
    return Target("vertex", folder, "my-project", "us-central1", "image")


def followed(place: DictJobs, only: tuple[str, ...] = (), name: str = "r") -> Kept:
    """Follow a run."""
    return follow(Wish(name, only, Path("data")), target(), settings_of(), lambda *_: place)


def test_a_run_is_begun_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each change where nobody can see a table move; the table in the end."""
    kept = followed(DictJobs())

    output = capsys.readouterr().out
    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert read_state(RUNS / "r") == kept
    assert "inputs     trees/inputs  " in output
    assert "rm           running, attempt 1\n" in output
    assert "Run r" in output


def test_a_run_that_was_killed_goes_on_with_its_own_inputs(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Although the table has changed meanwhile; no job is handed over twice."""
    place = Deadly(left=2)
    with pytest.raises(Killed):
        followed(place)
    (workplace / "data" / "churn_train.csv").write_text("another row\n")

    kept = followed(place)

    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert "goes on    run r, with the inputs that it began with" in capsys.readouterr().out


def test_a_failed_run_is_said_and_taken_up_by_the_same_command() -> None:
    """Only what did not succeed is tried again."""
    place = DictJobs(fails={("accept", 1), ("accept", 2), ("accept", 3)})

    with pytest.raises(
        TrainingError, match=r"(?s)2 of 6 jobs of run r.*accept failed: no luck.*ppo-decision skipped"
    ):
        followed(place)
    assert unfinished("vertex", "my-project", "us-central1") == "r"
    kept = followed(place)

    assert ends(kept.run)["accept"] == ("succeeded", 4)
    assert len(place.orders) == 5 + 2 + 1 + 1
    assert unfinished("vertex", "my-project", "us-central1") is None


def test_stages_may_be_made_one_after_the_other() -> None:
    """What was made before is taken as it is."""
    place = DictJobs()

    followed(place, ("risk", "accept"))
    kept = followed(place, ("ppo-decision",))

    assert ends(kept.run)["ppo-decision"] == ("succeeded", 1)
    assert ends(kept.run)["sft"] == ("waiting", 0)


def test_a_stage_whose_needs_are_missing_is_refused_before_anything_is_sent() -> None:
    """Nothing is written either."""
    with pytest.raises(InputError, match="ppo-text needs sft, rm, which run r has not made"):
        followed(DictJobs(), ("ppo-text",))

    assert known_runs() == []
    assert not Path("trees").exists()


def test_a_run_belongs_to_one_place() -> None:
    """Another project is told to take another name."""
    followed(DictJobs(), ("sft",))
    elsewhere = Target("vertex", "trees", "other-project", "us-central1", "image")

    with pytest.raises(InputError, match="belongs to my-project us-central1 trees, not to other-project"):
        follow(Wish("r", (), Path("data")), elsewhere, settings_of(), lambda *_: DictJobs())


def test_one_process_follows_a_run() -> None:
    """The second one is refused."""
    followed(DictJobs(), ("sft",))

    with (
        locked(RUNS / "r" / LOCK, wait=False),
        pytest.raises(InputError, match="in the hands of another process"),
    ):
        followed(DictJobs())


def test_a_run_that_nobody_follows_is_called_off_by_the_command_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And can be taken up again afterwards."""
    place = Deadly(left=2)
    with pytest.raises(Killed):
        followed(place)
    monkeypatch.setattr("churn_saver.cli.job_running.backend_of", lambda *_: place)

    run = call_off("r")

    assert place.live() == []
    assert {state for state, _ in ends(run).values()} <= {"cancelled", "succeeded"}
    assert {state for state, _ in ends(followed(place).run).values()} == {"succeeded"}


def test_a_run_that_was_taken_up_in_between_is_called_off_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever takes it up takes the mark away, and ends with jobs that still wait: none of them begins."""
    place = DictJobs()
    followed(place, ("sft",))
    monkeypatch.setattr("churn_saver.cli.job_running.backend_of", lambda *_: place)
    with ThreadPoolExecutor(1) as other:
        with locked(RUNS / "r" / LOCK, wait=False):
            calling = other.submit(call_off, "r")
            while not (RUNS / "r" / CALLED_OFF).exists() and not calling.done():
                sleep(0.01)
            (RUNS / "r" / CALLED_OFF).unlink()
        run = calling.result()

    assert {stage for stage, (state, _) in ends(run).items() if state != "cancelled"} == {"sft"}


def test_whoever_follows_a_run_is_told_that_it_is_called_off() -> None:
    """The other command waits for it, and shows what has come of it."""
    begun, place = Event(), DictJobs()
    submit = place.submit

    def endless(order: Order) -> str:
        place.looked[order.name] = -1_000_000
        where = submit(order)
        begun.set()
        return where

    place.submit = endless  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as other:
        following = other.submit(followed, place)
        assert begun.wait(PATIENCE_SECONDS), following.exception(0)
        run = call_off("r")
        with pytest.raises(TrainingError, match="6 of 6 jobs of run r have not succeeded"):
            following.result()

    assert place.live() == []
    assert {state for state, _ in ends(run).values()} == {"cancelled"}


def test_a_run_whose_cancelling_was_cut_off_has_to_be_cancelled_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is neither alive nor dead until then."""
    place = Deadly(left=2)
    with pytest.raises(Killed):
        followed(place)
    monkeypatch.setattr("churn_saver.cli.job_running.backend_of", lambda *_: place)

    def deadly(where: str) -> None:
        raise Killed

    place.cancel = deadly  # type: ignore[method-assign]
    with pytest.raises(Killed):
        call_off("r")

    with pytest.raises(InputError, match=r"is being cancelled\. Next step: churn-saver jobs cancel --run r"):
        followed(place)


def test_stages_are_given_in_their_order() -> None:
    """None named: all six."""
    assert stages_of(()) == SIX
    assert stages_of(("rm", "risk")) == ("risk", "rm")


def test_a_run_is_known_by_its_name() -> None:
    """Or as the one that changed last."""
    followed(DictJobs(), ("sft",), "one")
    followed(DictJobs(), ("sft",), "two")

    assert (known_run(None), known_run("one")) == ("two", "one")
    with pytest.raises(InputError, match="--run is"):
        known_run("../one")
