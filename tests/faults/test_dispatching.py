"""Dispatchers that are killed lose no message, and none goes out at a quiet hour in any zone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.countries import zones_by_country
from churn_saver.domain.waiting import Waiting
from churn_saver.pipeline.dispatching import Dispatcher, Result, Step, Terms
from churn_saver.policy.quiet_hours import Daytime
from churn_saver.store import Store, open_store
from tests.builders import campaign
from tests.faults.sizes import sized
from tests.unit.store.batches import fit_text, offers

MESSAGES = 60
KILLED_AFTER = (1, 4, 11, 2)
"""Messages that each of four dispatchers hands over before it is killed, the last one not yet booked."""
CHILD = """
import os, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo
from churn_saver.adapters.senders import FileSender
from churn_saver.pipeline.dispatching import Dispatcher, Terms
from churn_saver.policy.quiet_hours import Daytime
from churn_saver.store import open_store

url, path, name, killed_after = sys.argv[1:]

class Deadly(FileSender):
    left = int(killed_after)
    def send(self, message):
        super().send(message)
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

def wait(seconds):
    time.sleep(seconds)
    return store.outbox.queue(datetime.now(UTC)).waiting == 0

terms = Terms(
    Daytime(ZoneInfo("UTC"), 0, 24), lease=timedelta(seconds=20), most=timedelta(seconds=1), idle_seconds=0.1
)
with open_store(url, create=False) as store:
    sender = Deadly(Path(path))
    clock = lambda: datetime.now(UTC)
    Dispatcher(store, sender, lambda _: (), terms, name, clock, wait, lambda step: None).run()
"""
DEADLINE_SECONDS = 600


def child(url: str, path: Path, name: str, killed_after: int) -> "subprocess.Popen[bytes]":
    """Start a dispatcher in a process of its own; 0: it lives until nothing waits."""
    return subprocess.Popen([sys.executable, "-c", CHILD, url, str(path), name, str(killed_after)])


def test_dispatchers_that_are_killed_lose_no_message(database_url: str, tmp_path: Path) -> None:
    """Four die by SIGKILL right after handing one over, two at a time; two others finish.

    Every message goes out. Exactly those four go out twice, under the same key and with the same words, and
    all are spent once.
    """
    now, path = datetime.now(UTC), tmp_path / "sent.jsonl"
    with open_store(database_url) as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1)))
        made = store.settle("spring", offers([f"C{i}" for i in range(MESSAGES)], at=now), now).decision_ids
        for first in (0, 2):
            pair = [child(database_url, path, f"d{i}", KILLED_AFTER[i]) for i in (first, first + 1)]
            assert [one.wait(DEADLINE_SECONDS) for one in pair] == [-signal.SIGKILL] * 2
        pair = [child(database_url, path, f"last{i}", 0) for i in range(2)]
        assert [one.wait(DEADLINE_SECONDS) for one in pair] == [0, 0]
        totals = store.verify("spring", datetime.now(UTC))

    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    times = Counter(line["decision_id"] for line in lines)
    assert set(times) == set(made)
    assert Counter(times.values()) == {1: MESSAGES - len(KILLED_AFTER), 2: len(KILLED_AFTER)}
    assert len({(line["decision_id"], line["customer_id"], line["message"]) for line in lines}) == MESSAGES
    assert totals.spent_minor == MESSAGES * 100


def test_sigterm_ends_a_dispatcher_between_two_messages(tmp_path: Path) -> None:
    """It exits with 0; what was handed over is booked, and all else can be claimed at once."""
    now, path = datetime.now(UTC), tmp_path / "sent.jsonl"
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    noon = f"Etc/GMT{now.hour - 12:+d}"
    configs = Path(__file__).parents[2] / "ops" / "configs"
    command = [sys.executable, "-c", "from churn_saver.cli import main; main()", "dispatch"]
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1), limit_minor=5_000_000))
        ids, texts = [f"C{i}" for i in range(2_000)], [fit_text(now)] * 2_000
        batch = offers(ids, at=now, time_zones=[noon] * 2_000, texts=texts)
        store.settle("spring", batch, now)
        running = subprocess.Popen(
            [*command, "--sender", f"file:{path}"],
            env=os.environ | {"DATABASE_URL": url, "CONFIG_DIR": str(configs)},
            stdout=subprocess.PIPE,
        )
        until = time.monotonic() + DEADLINE_SECONDS
        while not (path.is_file() and path.stat().st_size) and time.monotonic() < until:
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        told, _ = running.communicate(timeout=DEADLINE_SECONDS)
        sent = [json.loads(line)["decision_id"] for line in path.read_bytes().splitlines()]
        rest = store.outbox.claim(2_000, datetime.now(UTC), "other", timedelta(minutes=1))

    assert running.returncode == 0
    assert f"{len(sent):,} message" in told.decode()
    assert 0 < len(sent) == len(set(sent)) < 2_000
    assert {one.decision_id for one in rest}.isdisjoint(sent)
    assert len(rest) + len(sent) == 2_000
    assert {one.attempts for one in rest} == {1}


MOMENTS = sized(100_000, 1_000_000)
MOST = 10
"""Seconds that a sending may take."""
OPENS, CLOSES = 8, 21
DAY = 86_400
START, END = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2026, 2029))


@dataclass(frozen=True)
class Oracle:
    """A zone's offsets as a step function, and the window read off it for whole columns of moments."""

    changes: NDArray[np.int64]
    """First second of each stretch of one offset, rising."""
    offsets: NDArray[np.int64]
    """Seconds east of UTC."""

    @classmethod
    def of(cls, name: str) -> "Oracle":
        """Look every six hours, and halve where the offset differs."""
        zone = ZoneInfo(name)

        def offset(second: int) -> int:
            return round(datetime.fromtimestamp(second, zone).utcoffset().total_seconds())  # type: ignore[union-attr]

        marks = range(START - 3 * DAY, END + 5 * DAY, DAY // 4)
        seen = [offset(mark) for mark in marks]
        changes, offsets = [marks[0]], [seen[0]]
        for left, right, before, after in zip(marks, marks[1:], seen, seen[1:], strict=False):
            low, high = left, right
            while before != after and high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            if before != after:
                changes.append(high)
                offsets.append(after)
        return cls(np.array(changes), np.array(offsets))

    def is_open(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say where the clock on the wall stands inside the window."""
        local = at + self.offsets[np.searchsorted(self.changes, at, side="right") - 1]
        return (local % DAY >= OPENS * 3_600) & (local % DAY < CLOSES * 3_600)

    def candidates(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the moments at which a window can begin, `at` or later, (candidates, moments)."""
        stretch = np.searchsorted(self.changes, at, side="right") - 1
        candidates = [at]
        for ahead in range(3):
            place = np.minimum(stretch + ahead, len(self.changes) - 1)
            begins = np.maximum(self.changes[place], at)
            local = begins + self.offsets[place]
            first = begins + (OPENS * 3_600 - local) % DAY
            candidates += [begins, first, first + DAY]
        return np.stack(candidates)


@dataclass(frozen=True)
class Zones:
    """Several zones, of which the window must be open in all."""

    oracles: list[Oracle]

    @property
    def changes(self) -> NDArray[np.int64]:
        """All clock changes."""
        return np.concatenate([one.changes for one in self.oracles])

    def is_open(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say where all clocks on the wall stand inside the window."""
        found = np.ones(at.shape, dtype=np.bool_)
        for one in self.oracles:
            found &= one.is_open(at)
        return found

    def opening(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the first second that is open in all: now, or when a window begins in one of them."""
        candidates = np.concatenate([one.candidates(at) for one in self.oracles])
        allowed = np.stack([self.is_open(row) for row in candidates]) & (candidates >= at)
        earliest: NDArray[np.int64] = np.where(allowed, candidates, END * 2).min(axis=0)
        return earliest


def moments_of(oracle: Zones, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw moments: half anywhere, half within a day and a half of a clock change where there is one."""
    anywhere = rng.integers(START, END, n)
    edges = oracle.changes[(oracle.changes > START) & (oracle.changes < END)]
    if not len(edges):
        return anywhere
    near = rng.choice(edges, n) + rng.integers(-DAY * 3 // 2, DAY * 3 // 2, n)
    return np.where(np.arange(n) % 2 == 0, anywhere, near)


@dataclass
class Desk:
    """An outbox of one message, and a box that keeps when it got one."""

    zone: str | None = None
    country: str | None = None
    now: int = 0
    sent_at: list[int] = field(default_factory=list)
    held_until: list[int] = field(default_factory=list)
    is_waiting: bool = True

    def clock(self) -> datetime:
        """Give the moment."""
        return datetime.fromtimestamp(self.now, UTC)

    def claim(self, *_: object) -> list[Waiting]:
        """Give the message once for each moment."""
        if not self.is_waiting:
            return []
        self.is_waiting = False
        return [Waiting("0" * 32, "c", "C", "Hello", "email", self.zone, self.country, self.clock(), None, 1)]

    def obstacle(self, *_: object) -> None:
        """Let nothing stand against it."""

    def sent(self, *_: object) -> bool:
        """Take note."""
        return True

    def hold(self, _: str, send_at: datetime, __: str) -> bool:
        """Keep until when."""
        self.held_until.append(int(send_at.timestamp()))
        return True

    def send(self, _: Waiting) -> None:
        """Keep the moment."""
        self.sent_at.append(self.now)


def dispatched(desk: Desk, zones: Zones, at: NDArray[np.int64]) -> list[Result]:
    """Dispatch at each moment, and see that what is sent and until when is held is as the oracle says."""
    terms = Terms(Daytime(ZoneInfo("UTC"), OPENS, CLOSES), most=timedelta(seconds=MOST))
    steps: list[Step] = []
    dispatcher = Dispatcher(
        cast(Store, SimpleNamespace(outbox=desk)), desk, lambda _: (), terms, "d",
        desk.clock, lambda _: False, steps.append,
    )  # fmt: skip
    for now in at.tolist():
        desk.now, desk.is_waiting = now, True
        dispatcher.run_once()
    may_send = zones.is_open(at) & zones.is_open(at + MOST)
    begins = np.where(zones.is_open(at), zones.opening(at + MOST), zones.opening(at))
    where = desk.zone or desk.country

    assert [step.result is Result.SENT for step in steps] == may_send.tolist(), where
    assert desk.sent_at == at[may_send].tolist(), where
    assert desk.held_until == begins[~may_send].tolist(), where
    return [step.result for step in steps]


def test_where_only_the_country_is_known_it_is_day_in_all_its_zones() -> None:
    """Many moments over all countries of the zone table, half of them around clock changes of their zones.

    Antarctica alone has no hour that is day in all its zones; there the company's zone, UTC, counts.
    """
    countries, counts = zones_by_country(), Counter[Result]()
    rng, each = np.random.default_rng(7), -(-MOMENTS // len(countries) // 4)
    known = {name: Oracle.of(name) for names in countries.values() for name in names}
    for country, names in countries.items():
        zones = Zones([known[name] for name in names] if country != "AQ" else [Oracle.of("UTC")])
        counts.update(dispatched(Desk(country=country), zones, moments_of(zones, each, rng)))

    assert sum(counts.values()) >= MOMENTS // 4
    assert set(counts) == {Result.SENT, Result.HELD}


def test_no_message_goes_out_at_a_quiet_hour_in_any_zone() -> None:
    """Many moments over all IANA zones, half of them around clock changes, against an oracle of columns.

    What is sent could end ten seconds later and still lie in the window; what is held is due at the first
    open second, of now or of those ten seconds later.
    """
    names = sorted(available_timezones() - {"localtime", "Factory"})
    rng, seen = np.random.default_rng(6), 0
    each = -(-MOMENTS // len(names))
    counts: Counter[Result] = Counter()
    for name in names:
        zones = Zones([Oracle.of(name)])
        at = moments_of(zones, each, rng)
        counts.update(dispatched(Desk(name), zones, at))
        seen += len(at)

    assert seen >= MOMENTS
    assert set(counts) == {Result.SENT, Result.HELD}
    assert counts[Result.HELD] > MOMENTS / 4
