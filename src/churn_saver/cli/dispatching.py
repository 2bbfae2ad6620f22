"""Send what waits in the outbox, until stopped or until nothing is due."""

import logging
import os
import secrets
import select
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from churn_saver import shield
from churn_saver.adapters.secrets import secret
from churn_saver.adapters.senders import sender_for
from churn_saver.cli.log_lines import Value, line, logged
from churn_saver.cli.screen import counted, note, say
from churn_saver.config import environment
from churn_saver.errors import ConfigError
from churn_saver.opening import open_books, read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.pipeline.dispatching import Dispatcher, Result, Step, Terms
from churn_saver.pipeline.rechecking import Recheck
from churn_saver.store import Queue, Store

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_BAD = frozenset({Result.UNBOOKED, Result.UNSAFE})
"""Results that must not happen."""
_TOLD = _BAD | {Result.FAILED, Result.GIVEN_UP, Result.IN_DOUBT, Result.WAITING}
"""Results that get a line of their own on the screen."""
_log = logging.getLogger(__name__)
_REFERENCES = ("file:", "projects/")


class Stop:
    """Turns SIGTERM and Ctrl-C into a wish that is looked at between two messages."""

    def __init__(self) -> None:
        """Make the pipe that the wish comes through: a signal may come while any lock is held."""
        self._read, self._write = os.pipe()

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        """Wish to stop; a signal handler."""
        os.write(self._write, b"!")

    def wait(self, seconds: float) -> bool:
        """Wait for so long, or for the wish; it is never taken back."""
        return bool(select.select([self._read], [], [], seconds)[0])

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read)
        os.close(self._write)


def dispatch(target: str, token_from: str | None, is_once: bool) -> None:
    """Send messages.

    Args:
        target: file:PATH or https://host/path.
        token_from: Reference of the webhook's bearer token.
        is_once: End when nothing is due.

    Raises:
        ConfigError: the sender or a setting cannot be used.
        LedgerUnavailable: the books cannot be opened, or with `is_once` stop answering.
    """
    if token_from is not None and not token_from.startswith(_REFERENCES):
        raise ConfigError(
            "--token-from holds something else than file:PATH or projects/P/secrets/S/versions/V: a token "
            "itself would be seen among the processes. Put it into a file."
        )
    sender = sender_for(target, None if token_from is None else secret(token_from))
    variables = environment(os.environ)
    _, serve, _ = read_settings(variables)
    judge, no_judge = open_toxicity()
    for lack in no_judge:
        note(lack.fault or lack.code)
    results: Counter[Result] = Counter()

    def told(step: Step) -> None:
        results[step.result] += 1
        if step.result in _TOLD:
            note(" ".join(part for part in (step.decision_id, step.result.value, step.why) if part))
        if step.result is Result.HELD:
            return  # who waits for the day is asked about at every run; `outbox` counts them
        level = logging.ERROR if step.result in _BAD else logging.INFO
        fields = {"decision_id": step.decision_id, "result": step.result.value, "why": step.why}
        line(_log, "dispatched", fields, level)

    with logged(), _stopping() as stop, open_books(variables) as store:
        check = Recheck(store, shield.Rules.of(serve, judge))
        dispatcher = Dispatcher(store, sender, check, Terms.of(serve), _name(), _clock, stop.wait, told)
        if not is_once:
            say(f"sends to {target.partition(':')[0]} what is due; stop with Ctrl+C")
        (dispatcher.run_once if is_once else dispatcher.run)()
        queue = store.outbox.queue(now := _clock())
        _log_state(store, queue, now)
    others = ", ".join(
        f"{n:,} {result.value}" for result, n in sorted(results.items()) if result != Result.SENT
    )
    say(f"{counted(results[Result.SENT], 'message')} sent" + (f", {others}" if others else ""))
    say(
        f"{counted(queue.waiting, 'message')} waiting, {queue.due:,} of them due; {queue.given_up:,} given up"
    )


def _log_state(store: Store, queue: Queue, now: datetime) -> None:
    """Leave in the log what waits, and what is left of each running campaign's budget."""
    lag = 0.0 if queue.oldest_due_at is None else (now - queue.oldest_due_at).total_seconds()
    names = ("waiting", "due", "given_up", "unsafe")
    line(_log, "outbox", {name: getattr(queue, name) for name in names} | {"lag_seconds": lag})
    for campaign in store.campaigns.list():
        if campaign.is_open(now):
            totals = store.campaigns.totals(campaign.campaign_id, now)
            free, limit = totals.free_minor, totals.limit_minor
            fields: dict[str, Value] = {
                "campaign": campaign.campaign_id, "currency": campaign.currency, "free_minor": free,
                "limit_minor": limit, "free_share": free / limit if limit else 0.0,
            }  # fmt: skip
            line(_log, "budget", fields)


@contextmanager
def _stopping() -> Iterator[Stop]:
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()


def _name() -> str:
    """Name this dispatcher as no other one is named, also on another host."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"


def _clock() -> datetime:
    return datetime.now(UTC)
