"""The breaker: closed, open, half open; at most one probe, and no verdict of the past counts."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from churn_saver.domain.breaker import Breaker, Leave, Tolerance, asked, failed, succeeded

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=5)
PATIENT = Tolerance(3, PAUSE)
SECOND = timedelta(seconds=1)


def opened(at: datetime = NOON) -> Breaker:
    """Give a breaker that three faults in a row opened."""
    breaker = Breaker()
    for _ in range(3):
        breaker = failed(breaker, Leave.CALL, at, PATIENT)
    return breaker


def test_it_opens_at_the_third_fault_in_a_row() -> None:
    """Two are forgiven."""
    two = failed(failed(Breaker(), Leave.CALL, NOON, PATIENT), Leave.CALL, NOON, PATIENT)

    assert (two.is_open, opened().is_open) == (False, True)
    assert asked(two, NOON, PATIENT)[1] is Leave.CALL


def test_a_success_between_them_starts_the_count_again() -> None:
    """In a row means in a row."""
    breaker = Breaker()
    for leave in (failed, failed, succeeded, failed, failed):
        breaker = (
            leave(breaker, Leave.CALL, NOON, PATIENT) if leave is failed else succeeded(breaker, Leave.CALL)
        )

    assert not breaker.is_open


@pytest.mark.parametrize(
    ("after", "leave"),
    [
        (timedelta(0), Leave.REFUSED),
        (PAUSE - timedelta(microseconds=1), Leave.REFUSED),
        (PAUSE, Leave.PROBE),
        (timedelta(days=1), Leave.PROBE),
        (-SECOND, Leave.REFUSED),
        (-PAUSE, Leave.PROBE),
    ],
)
def test_open_it_refuses_until_the_pause_is_over(after: timedelta, leave: Leave) -> None:
    """Whoever began a second before it opened is refused; a clock that was set back ends the pause."""
    assert asked(opened(), NOON + after, PATIENT)[1] is leave


def test_only_one_probes() -> None:
    """Whoever comes while a probe is out is refused, however late."""
    probing, first = asked(opened(), NOON + PAUSE, PATIENT)
    _, second = asked(probing, NOON + 2 * PAUSE, PATIENT)

    assert (first, second) == (Leave.PROBE, Leave.REFUSED)


def test_a_probe_closes_it_or_opens_it_anew() -> None:
    """The pause then begins again, at the probe's end."""
    probing, leave = asked(opened(), NOON + PAUSE, PATIENT)
    again = failed(probing, leave, NOON + PAUSE, PATIENT)

    assert succeeded(probing, leave) == Breaker()
    assert asked(again, NOON + PAUSE + 4 * SECOND, PATIENT)[1] is Leave.REFUSED
    assert asked(again, NOON + 2 * PAUSE, PATIENT)[1] is Leave.PROBE


@pytest.mark.parametrize("probing", [False, True])
def test_verdicts_of_calls_from_before_change_nothing(probing: bool) -> None:
    """They began while it was closed, and say nothing of now."""
    breaker = asked(opened(), NOON + PAUSE, PATIENT)[0] if probing else opened()

    assert succeeded(breaker, Leave.CALL) == breaker
    assert failed(breaker, Leave.CALL, NOON + PAUSE, PATIENT) == breaker


class Machine(RuleBasedStateMachine):
    """Any number of calls at once, ending in any order, against a model of plain numbers."""

    calls: Bundle[Leave] = Bundle("calls")

    def __init__(self) -> None:
        """Begin closed, at noon."""
        super().__init__()
        self.now, self.breaker = NOON, Breaker()
        self.row = self.probes = 0
        self.opened_at: datetime | None = None

    @rule(seconds=st.integers(0, 12))
    def time_passes(self, seconds: int) -> None:
        """Set the clock on."""
        self.now += timedelta(seconds=seconds)

    @rule(target=calls)
    def call(self) -> MultipleResults[Leave] | Leave:
        """Ask for leave; a call is made only with leave."""
        self.breaker, leave = asked(self.breaker, self.now, PATIENT)
        pause_over = self.opened_at is not None and self.now - self.opened_at >= PAUSE
        wanted = Leave.CALL if self.opened_at is None else Leave.REFUSED
        if pause_over and not self.probes:
            wanted = Leave.PROBE

        assert leave is wanted
        self.probes += leave is Leave.PROBE
        return multiple() if leave is Leave.REFUSED else leave

    @rule(leave=consumes(calls), well=st.booleans())
    def end(self, leave: Leave, well: bool) -> None:
        """End any call that is out, well or badly."""
        self.probes -= leave is Leave.PROBE
        if well:
            self.breaker = succeeded(self.breaker, leave)
        else:
            self.breaker = failed(self.breaker, leave, self.now, PATIENT)
        if leave is Leave.PROBE:
            self.row, self.opened_at = (0, None) if well else (self.row, self.now)
        elif self.opened_at is None:
            self.row = 0 if well else self.row + 1
            self.opened_at = self.now if self.row >= PATIENT.faults else None

    @invariant()
    def as_the_model(self) -> None:
        """Open when the model is; one probe at most, and only while open."""
        assert self.breaker.is_open == (self.opened_at is not None)
        assert self.breaker.probing == (self.probes == 1)
        assert self.probes <= 1
        assert self.breaker.is_open or not self.breaker.probing


TestMachine = Machine.TestCase
