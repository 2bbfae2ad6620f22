"""PostgreSQL as this ledger talks to it: no longer than its caller has time, and not to a peer that is gone.

A server can hang without refusing: it is stopped, its disk does not come back, the network lost it. Then only
the caller's own clock ends the waiting, since `statement_timeout` is kept by the one who hangs. What is not
answered in time costs the connection, for nobody knows what it would say next. Imported where a URL names a
server, and not before: psycopg is an extra.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow
from sqlalchemy import Engine, event

from churn_saver.store.deadlines import at_most, rest, within

LEAST_CONNECT_SECONDS = 2
"""libpq waits no shorter than this."""
SILENT_SECONDS = 30
"""For one statement a caller who has a deadline waits no longer than this, however far off that is."""


class TimelyConnection(psycopg.Connection[TupleRow]):
    """Waits for the server as long as `deadlines.rest` says; then it hangs up."""

    def wait(self, gen: PQGen[RV], *how: Any, **named: Any) -> RV:
        """Do what a generator of psycopg asks for; arguments as there.

        Raises:
            psycopg.OperationalError: the server did not answer in time; the connection is closed.
        """
        if rest() is None:
            return super().wait(gen, *how, **named)
        try:
            with within(SILENT_SECONDS):
                return super().wait(_while_there_is_time(gen), *how, **named)
        except TimeoutError:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer in time, hung up") from None


def be_timely(engine: Engine) -> None:
    """Let all connections of an engine be timely ones."""
    event.listen(engine, "do_connect", _connect)


def _connect(
    _dialect: object, _record: object, arguments: Sequence[Any], named: Mapping[str, Any]
) -> TimelyConnection:
    # 0 in a URL is libpq's word for no limit.
    said = float(named["connect_timeout"]) or math.inf
    seconds = at_most(said)
    if seconds == 0:
        # After a connection that rested in the pool and used up the time.
        raise psycopg.OperationalError("no time left to connect")
    patience = 0 if seconds == math.inf else max(LEAST_CONNECT_SECONDS, math.ceil(seconds))
    return TimelyConnection.connect(*arguments, **{**named, "connect_timeout": patience})


def _while_there_is_time(gen: PQGen[RV]) -> PQGen[RV]:
    """Pass on what a generator waits for; psycopg says ten times a second that there is nothing."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and rest() == 0:
                raise TimeoutError
            wanted = gen.send(ready)
    except StopIteration as end:
        found: RV = end.value
        return found
