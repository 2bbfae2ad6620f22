"""An answer in time, whatever hangs: what works for a request is told its deadline, and waited for no longer.

What can be told ends by itself and is answered by its own rules (`store.deadlines`). What cannot be (a disk
that does not come back, a name server) keeps its thread and its turn until it does, so that there are never
more such threads than turns; its caller hears 503. Lives in one event loop. Knows no route.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from churn_saver.serve.coming_back import LATER_SECONDS, come_back
from churn_saver.store import within

HUNG = "hung"
"""Why a request was turned away: what works for it did not come back."""
GRACE_SECONDS = 2.0
"""Beyond its deadline, so that what ends by itself can still be answered by its own rules."""
UNKNOWN = "no answer in time; it may have been done: send the request again, under the same key if it has one"

Work = Callable[[], Coroutine[Any, Any, Response]]


@dataclass(slots=True)
class Timekeeper:
    """Waits for the answers of one app."""

    on_refusal: Callable[[str], None]
    """Told `HUNG`."""
    grace_seconds: float = GRACE_SECONDS
    _left: set["asyncio.Task[Response]"] = field(default_factory=set)

    @property
    def left(self) -> int:
        """How many are at work for whom nobody waits any more."""
        return len(self._left)

    async def answered(self, work: Work, seconds: float) -> Response:
        """Give the answer.

        Args:
            work: Makes it.
            seconds: Its deadline.

        Raises:
            HTTPException: 503 with Retry-After when it was not there in time.
        """
        task = asyncio.create_task(_told(work, seconds))
        try:
            await asyncio.wait({task}, timeout=seconds + self.grace_seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done():
            return task.result()
        self._left.add(task)
        task.add_done_callback(self._over)
        self.on_refusal(HUNG)
        raise come_back(UNKNOWN, LATER_SECONDS)

    def _over(self, task: "asyncio.Task[Response]") -> None:
        self._left.discard(task)
        if not task.cancelled():
            # Looked at, or the event loop would print it.
            task.exception()


async def _told(work: Work, seconds: float) -> Response:
    with within(seconds):
        return await work()
