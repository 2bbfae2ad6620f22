"""Admission: so many at a time, so many waiting, first come first served, and no turn is ever lost."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from churn_saver.serve.admission import Admission, Limits
from churn_saver.store import within

LONG = 60.0


@dataclass
class Watched:
    """An admission, and what it told."""

    limits: Limits
    refusals: list[str] = field(default_factory=list)
    states: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build it."""
        self.admission = Admission(
            self.limits, self.refusals.append, lambda *state: self.states.append(state)
        )


async def work(admission: Admission, done: list[int], number: int, gate: asyncio.Event) -> None:
    """Hold a turn until the gate opens."""
    async with admission.turn():
        await gate.wait()
        done.append(number)


async def settled() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Tell a story in an event loop of its own."""
    asyncio.run(story())


def test_so_many_at_a_time_and_the_next_in_order() -> None:
    """Two of five hold a turn; as they finish the others follow as they came."""
    watched, done = Watched(Limits(2, 10, LONG)), list[int]()

    async def story() -> None:
        """Five callers."""
        gate = asyncio.Event()
        tasks = [asyncio.create_task(work(watched.admission, done, n, gate)) for n in range(5)]
        await settled()
        assert (watched.admission.in_flight, watched.admission.waiting) == (2, 3)
        gate.set()
        await asyncio.gather(*tasks)

    run(story)

    assert done == [0, 1, 2, 3, 4]
    assert max(in_flight for in_flight, _ in watched.states) == 2
    assert watched.states[-1] == (0, 0)
    assert watched.refusals == []


def test_nobody_more_waits_than_may() -> None:
    """One holds the turn, one waits, the third hears at once when to come back."""
    watched = Watched(Limits(1, 1, LONG))

    async def story() -> None:
        """Three callers."""
        gate = asyncio.Event()
        tasks = [asyncio.create_task(work(watched.admission, [], n, gate)) for n in range(2)]
        await settled()
        with pytest.raises(HTTPException, match="503: busy") as caught:
            await work(watched.admission, [], 2, gate)
        assert caught.value.headers == {"Retry-After": "1"}
        gate.set()
        await asyncio.gather(*tasks)

    run(story)

    assert watched.refusals == ["full"]
    assert watched.admission.in_flight == 0


def test_nobody_waits_longer_than_said() -> None:
    """The turn that does not come in time is given up, and the queue forgets who waited."""
    watched = Watched(Limits(1, 5, 0.01))

    async def story() -> None:
        """One holds on, one waits."""
        gate = asyncio.Event()
        holder = asyncio.create_task(work(watched.admission, [], 0, gate))
        await settled()
        with pytest.raises(HTTPException, match="503: busy"):
            await work(watched.admission, [], 1, gate)
        assert watched.admission.waiting == 0
        gate.set()
        await holder

    run(story)

    assert watched.refusals == ["late"]
    assert watched.admission.in_flight == 0


def test_nobody_waits_longer_than_there_is_time() -> None:
    """However long a turn may be waited for: it could not be used any more."""
    watched = Watched(Limits(1, 5, LONG))

    async def story() -> None:
        """One holds on, one has no time."""
        gate = asyncio.Event()
        holder = asyncio.create_task(work(watched.admission, [], 0, gate))
        await settled()
        with pytest.raises(HTTPException, match="503: busy"), within(0):
            await work(watched.admission, [], 1, gate)
        gate.set()
        await holder

    run(story)

    assert watched.refusals == ["late"]


def test_a_failing_handler_gives_its_turn_back() -> None:
    """Whatever it raises."""
    watched = Watched(Limits(1, 0, LONG))

    async def story() -> None:
        """Fail twice."""
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                async with watched.admission.turn():
                    raise ValueError("broken")

    run(story)

    assert watched.admission.in_flight == 0


def test_a_turn_that_comes_as_its_caller_goes_is_passed_on() -> None:
    """Handed over and cancelled in one moment: the next one gets it."""
    watched, done = Watched(Limits(1, 5, LONG)), list[int]()

    async def story() -> None:
        """Three callers; the second goes away just as the first finishes."""
        gate = asyncio.Event()
        first, second, third = (asyncio.create_task(work(watched.admission, done, n, gate)) for n in range(3))
        await settled()
        gate.set()
        await first
        second.cancel()
        await asyncio.wait([second, third])

    run(story)

    assert done[0] == 0
    assert done[-1] == 2
    assert (watched.admission.in_flight, watched.admission.waiting) == (0, 0)


@given(
    in_flight=st.integers(1, 3),
    waiting=st.integers(0, 4),
    steps=st.lists(st.tuples(st.sampled_from(["come", "go", "finish"]), st.integers(0, 9)), max_size=40),
)
def test_turns_are_never_lost_nor_made(in_flight: int, waiting: int, steps: list[tuple[str, int]]) -> None:
    """Whoever comes, goes away or finishes in whatever order: never above the limits, all free at the end."""
    watched = Watched(Limits(in_flight, waiting, LONG))

    async def story() -> None:
        """Do the steps, then let everybody finish."""
        tasks: list[tuple[asyncio.Task[None], asyncio.Event]] = []
        for step, which in steps:
            if step == "come":
                gate = asyncio.Event()
                tasks.append((asyncio.create_task(work(watched.admission, [], 0, gate)), gate))
            elif tasks and step == "go":
                tasks[which % len(tasks)][0].cancel()
            elif tasks:
                tasks[which % len(tasks)][1].set()
            if which % 2:
                await settled()
        for _, gate in tasks:
            gate.set()
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)

    run(story)

    assert all(0 <= held <= in_flight and 0 <= queued <= waiting for held, queued in watched.states)
    assert (watched.admission.in_flight, watched.admission.waiting) == (0, 0)
