"""How many requests are decided at a time, how many may wait, and for how long; the others go at once.

A queue without an end answers everybody late. This one is short: who cannot be served soon hears so
within milliseconds, with a time to come back, and who is served is served on time. Lives in one
event loop, so it needs no lock. Knows no request.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException

from churn_saver.serve.coming_back import SOON_SECONDS, come_back
from churn_saver.store import at_most

FULL, LATE = "full", "late"
"""Why a request was turned away: nobody more may wait, or its turn did not come in time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one worker."""

    in_flight: int
    waiting: int
    wait_seconds: float


@dataclass(slots=True)
class Admission:
    """Turns, first come first served; each request that gets one gives it back."""

    limits: Limits
    on_refusal: Callable[[str], None]
    """Told `FULL` or `LATE`."""
    on_change: Callable[[int, int], None]
    """Told how many are in flight and how many wait."""
    in_flight: int = 0
    _queue: deque[asyncio.Future[None]] = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """Requests whose turn has not come."""
        return len(self._queue)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a turn.

        Raises:
            HTTPException: 503 with Retry-After when there is none to be had in time.
        """
        if self.in_flight < self.limits.in_flight:
            self.in_flight += 1
        else:
            await self._wait()
        self._tell()
        try:
            yield
        finally:
            self._pass_on()
            self._tell()

    async def _wait(self) -> None:
        if self.waiting >= self.limits.waiting:
            raise self._refused(FULL)
        mine = asyncio.get_running_loop().create_future()
        self._queue.append(mine)
        self._tell()
        try:
            async with asyncio.timeout(at_most(self.limits.wait_seconds)):
                await mine
        except BaseException as error:
            # Given up, or the caller went away: either the place in the queue is left, or a turn that came
            # in the same moment goes to the next.
            if mine in self._queue:
                self._queue.remove(mine)
            elif mine.done() and not mine.cancelled():
                self._pass_on()
            if isinstance(error, TimeoutError):
                raise self._refused(LATE) from None
            raise

    def _pass_on(self) -> None:
        """Hand the turn to the next in the queue; there is none: it is free."""
        while self._queue:
            following = self._queue.popleft()
            if not following.done():
                following.set_result(None)
                return
        self.in_flight -= 1

    def _tell(self) -> None:
        self.on_change(self.in_flight, self.waiting)

    def _refused(self, cause: str) -> HTTPException:
        self.on_refusal(cause)
        return come_back("busy; send the request again", SOON_SECONDS)
