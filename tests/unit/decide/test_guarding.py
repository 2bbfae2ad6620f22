"""Guards: an answer in time, or none at once; threads and breakers are bounded whoever fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from churn_saver.decide.guarding import Guards
from churn_saver.domain.artefacts import Artefact, Cause
from churn_saver.errors import Unusable
from tests.builders import NOON, rules
from tests.failing import HANGS, RAISES, SLOW, Failing

SETTINGS = rules().serve.guard
PAUSE = timedelta(seconds=SETTINGS.pause_seconds)


@dataclass
class Noted:
    """Remembers what it was told."""

    turns: list[tuple[str, bool]] = field(default_factory=list)

    def failed(self, fault: Unusable) -> None:
        """Be told by whoever does without."""

    def turned(self, artefact: Artefact, is_open: bool) -> None:
        """Remember."""
        self.turns.append((artefact, is_open))


@pytest.fixture
def failing() -> Iterator[Failing]:
    """Something that fails as it is told, until the test is over."""
    one = Failing()
    yield one
    one.mend()


def ask(guards: Guards, failing: Failing, seconds: float = 0.0, is_table: bool = False) -> str:
    """Ask the predictors of a guard, some time after noon."""
    now = NOON + timedelta(seconds=seconds)
    return guards.predictors.ask(lambda: failing.through(str, str), now, is_table)


@pytest.mark.parametrize(("how", "cause"), [(RAISES, Cause.RAISED), (SLOW, Cause.LATE), (HANGS, Cause.LATE)])
@pytest.mark.parametrize("is_table", [False, True])
def test_after_three_faults_it_is_left_alone_and_then_tried_once(
    failing: Failing, how: str, cause: Cause, is_table: bool
) -> None:
    """Ten callers reach it three times; after the pause one of five does, and an answer closes it again."""
    watch = Noted()
    guards, causes = Guards.of(SETTINGS, watch, failing.wait), list[str]()
    failing.how = how
    for at in (*[0.0] * 10, *[SETTINGS.pause_seconds] * 5):
        with pytest.raises(Unusable, match=r"^predictors cannot be used now") as found:
            ask(guards, failing, at, is_table)
        causes.append(found.value.cause)
    resting, asked = guards.resting, failing.asked
    failing.mend()
    answers = [ask(guards, failing, 2.0 * SETTINGS.pause_seconds, is_table) for _ in range(3)]
    guards.close()

    assert causes == [cause] * 3 + [Cause.RESTING] * 7 + [cause] + [Cause.RESTING] * 4
    assert (asked, resting) == (4, ("predictors_unavailable",))
    assert (answers, guards.resting) == ([""] * 3, ())
    assert watch.turns == [("predictors", True), ("predictors", False)]


def test_tables_have_threads_of_their_own(failing: Failing) -> None:
    """One request hangs in the only thread there is; a table is scored all the same, and tells it is well."""
    guards = Guards.of(SETTINGS.model_copy(update={"threads": 1}), wait=failing.wait)
    failing.how = HANGS
    with pytest.raises(Unusable, match=r": late\."):
        ask(guards, failing)
    failing.how = None

    assert ask(guards, failing, is_table=True) == ""
    with pytest.raises(Unusable, match=r": late\."):
        ask(guards, failing)
    guards.close()


def test_one_that_fails_is_no_fault_of_the_others() -> None:
    """Each has a breaker of its own."""
    guards = Guards.of(SETTINGS)

    def broken() -> str:
        raise ValueError("no draft")

    for _ in range(SETTINGS.faults):
        with pytest.raises(Unusable, match=r"^live cannot be used now: raised"):
            guards.live.ask(broken, NOON)

    assert guards.resting == ("live_unavailable",)
    assert guards.policy.ask(lambda: 1, NOON) == guards.predictors.ask(lambda: 1, NOON) == 1
    guards.close()


def test_a_guard_that_knows_who_is_to_blame_says_so() -> None:
    """A fault that names another artefact keeps that name, and counts here all the same."""
    guards = Guards.of(SETTINGS.model_copy(update={"faults": 1}))

    def blaming() -> str:
        raise Unusable(Artefact.LIVE, Cause.LATE)

    with pytest.raises(Unusable, match=r"^live cannot be used now: late"):
        guards.live.ask(blaming, NOON)
    assert guards.live.is_open
    guards.close()
