"""Rounds of looking at a campaign: what is kept, what a failure does, how they end."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from churn_saver.errors import ChurnSaverError, InputError, LedgerUnavailable
from churn_saver.evidence.watch import Reference, Watch, watch
from churn_saver.pipeline.watching import Kept, Watcher, answer_days
from tests.builders import NOON, rules
from tests.logbooks import logbook
from tests.watched_campaigns import ANSWER_DAYS, settings


@cache
def _look() -> Watch:
    log = logbook([{"choice": place % 2} for place in range(80)])
    return watch(log, NOON, settings(), ANSWER_DAYS, Reference("days 0 to 13", 0, 14), {})


@dataclass
class Desk:
    """A watch whose clock goes on by what is waited for, and which stops after so many rounds."""

    rounds: int = 3
    faults: list[ChurnSaverError | None] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    kept: list[Watch] = field(default_factory=list)
    told: list[Watch | ChurnSaverError] = field(default_factory=list)

    def look(self, at: datetime) -> Watch:
        """Look, or fail as planned."""
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return replace(_look(), at=at)

    def wait(self, seconds: float) -> bool:
        """Keep what was waited for; the wish to stop comes while it waits after the last round."""
        if seconds:
            self.waited.append(seconds)
        return len(self.waited) >= self.rounds

    def now(self) -> datetime:
        """Give NOON and what was waited since."""
        return NOON + timedelta(seconds=sum(self.waited))

    def watcher(self, keep: Callable[[Watch], None] | None = None) -> Watcher:
        """Give the watch."""
        return Watcher(self.look, keep or self.kept.append, self.now, self.wait, self.told.append)


def test_rounds_come_every_so_many_minutes_until_asked_to_stop() -> None:
    """Three at noon, at five and at ten past; the wish ends the third wait."""
    desk = Desk()

    last = desk.watcher().run(5)

    assert desk.waited == [300.0] * 3
    assert [look.at for look in desk.kept] == [NOON + timedelta(minutes=m) for m in (0, 5, 10)]
    assert desk.told == desk.kept
    assert last is desk.kept[-1]


def test_a_round_that_fails_is_told_and_the_next_is_tried() -> None:
    """The second finds no ledger: nothing is kept of it, and the third is as the first."""
    fault = LedgerUnavailable("ledger does not answer")
    desk = Desk(faults=[None, fault])

    last = desk.watcher().run(5)

    assert [one is fault for one in desk.told] == [False, True, False]
    assert len(desk.kept) == 2
    assert last is desk.kept[-1]


def test_a_watch_that_ends_on_a_failure_has_no_last_look() -> None:
    """So that its exit code is that of an error."""
    desk = Desk(rounds=2, faults=[None, InputError("no")])

    assert desk.watcher().run(5) is None


def test_a_wish_to_stop_before_the_first_round_is_heeded() -> None:
    """Nothing is read."""
    desk = Desk(rounds=0)

    assert desk.watcher().run(5) is None
    assert (desk.told, desk.waited) == ([], [])


def test_one_look_raises_what_stands_against_it() -> None:
    """Without a schedule there is no next one."""
    with pytest.raises(InputError, match="no such"):
        Desk(faults=[InputError("no such")]).watcher().once()


def test_page_figures_and_metrics_are_kept_whole(tmp_path: Path) -> None:
    """Under the campaign's name, so that campaigns can share a folder; nothing is left beside them."""
    kept = Kept.of(tmp_path / "watch", "spring", tmp_path / "metrics" / "watch.prom")
    Desk(rounds=1).watcher(lambda look: kept.keep(look, 0.1)).once()

    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "spring.html",
        "spring.json",
        "watch.prom",
    ]
    assert json.loads(kept.values.read_bytes())["campaign_id"] == "spring"
    assert kept.page.read_text().startswith("<!doctype html>")
    assert (
        b'churn_saver_watch_decisions{campaign="spring"} 80.0'
        in (tmp_path / "metrics" / "watch.prom").read_bytes()
    )


def test_without_a_file_there_are_no_metrics(tmp_path: Path) -> None:
    """Two files, and no third."""
    Kept.of(tmp_path, "spring", None).keep(_look(), 0.1)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["spring.html", "spring.json"]


def test_an_answer_is_due_when_offer_lag_and_the_last_zone_are_over() -> None:
    """14 days of validity, 2 of lag, and a day for zones and the morning."""
    assert answer_days(rules().env) == 17
