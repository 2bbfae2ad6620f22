"""Send what waits: claim, look again at this moment, hand over, keep what became of it.

At least once: a message counts as sent only after its receiver has it, so a dispatcher that dies in between
leaves it to be sent again under the same key. Between the decision and its moment a customer may have said
no, the clock may have been changed and a word banned; so all that can stand against a message, its text
included, is looked at directly before it goes out. What must not go out now is held, never dropped; what
must never go out is given up, and its money is free again, unless its receiver may have it from an attempt
before: no promise outlives its money. A ledger that hangs is waited for no longer than what was claimed of
it stays ours. Knows no database, no address and no clock but the one it is handed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfoNotFoundError

from churn_saver.adapters.senders import MOST_SECONDS, NotSent, Sender
from churn_saver.config import ServeSettings
from churn_saver.domain.draws import chance
from churn_saver.domain.waiting import UNSAFE, Obstacle, Waiting
from churn_saver.errors import Erased, InputError, LedgerError, LedgerUnavailable, Unusable
from churn_saver.policy.quiet_hours import Daytime
from churn_saver.store import Ending, Store, within

_JITTER = b"pause before the next attempt"


class Result(StrEnum):
    """What became of a claimed message."""

    SENT = "sent"
    HELD = "held"
    """Put off: quiet hours, or the switch that stops all sending."""
    FAILED = "failed"
    """To be tried again."""
    GIVEN_UP = "given_up"
    """Never to be sent any more; its money is free again."""
    IN_DOUBT = "in_doubt"
    """Given up too, but its receiver may have it: the contact is spent, the offer stays reserved."""
    UNSAFE = "unsafe"
    """Never to be sent: the shield stops its text now. Its row stays, to be looked at."""
    LOST = "lost"
    """No longer ours when its turn came."""
    UNBOOKED = "unbooked"
    """Sent, although the books had released its money while it was on its way."""
    WAITING = "waiting"
    """Of no message: the ledger does not answer, and is asked again."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How messages are sent."""

    daytime: Daytime
    claimed_at_once: int = 10
    lease: timedelta = timedelta(seconds=120)
    """Longer than sending all that is claimed at once can take."""
    most: timedelta = timedelta(seconds=MOST_SECONDS)
    """Of one sending."""
    attempts: int = 20
    """Then a message is given up: with these pauses, after most of a day."""
    first_pause: timedelta = timedelta(seconds=10)
    """After the first failure; doubles with each, and chance takes up to half of it away."""
    most_pause: timedelta = timedelta(hours=2)
    idle_seconds: float = 1.0
    """Pause while nothing is due or the ledger does not answer."""

    @classmethod
    def of(cls, settings: ServeSettings) -> "Terms":
        """Take the window of serve.yaml."""
        return cls(Daytime(settings.zone, settings.quiet_until_hour, settings.quiet_from_hour))


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one message."""

    decision_id: str
    """Empty for `Result.WAITING`."""
    result: Result
    why: str = ""
    """Without a word about the customer."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """One dispatcher; several may work on one ledger."""

    store: Store
    sender: Sender
    check: Callable[[Waiting], tuple[str, ...]]
    """Gives the codes of all rules that a text breaks, as `rechecking.Recheck`."""
    terms: Terms
    by: str
    """A name that no other one has."""
    now: Callable[[], datetime]
    """Aware."""
    wait: Callable[[float], bool]
    """Waits for so many seconds, or until somebody asks to stop: then, and ever after, says True at once."""
    told: Callable[[Step], None]

    def run(self) -> None:
        """Send until asked to stop; a ledger that does not answer is asked again."""
        while not self.wait(0):
            try:
                has_found = self._pass()
            except LedgerUnavailable as error:
                self.told(Step("", Result.WAITING, str(error)))
                has_found = False
            if not has_found:
                self.wait(self.terms.idle_seconds)

    def run_once(self) -> None:
        """Send until nothing is due any more, or asked to stop.

        Raises:
            LedgerUnavailable: the ledger does not answer.
        """
        while not self.wait(0) and self._pass():
            pass

    def _pass(self) -> bool:
        """Claim some messages and see to each; what is not begun when asked to stop is given back."""
        outbox, terms = self.store.outbox, self.terms
        seconds = terms.lease.total_seconds()
        with within(seconds):
            claimed = outbox.claim(terms.claimed_at_once, self.now(), self.by, terms.lease)
        for place, message in enumerate(claimed):
            # Each has time of its own: what was sent must be told, however long those before it took.
            with within(seconds):
                if self.wait(0):
                    outbox.release([one.decision_id for one in claimed[place:]], self.by)
                    break
                step = self._see_to(message)
            self.told(step)
        return bool(claimed)

    def _see_to(self, message: Waiting) -> Step:
        outbox, now, name = self.store.outbox, self.now(), message.decision_id
        obstacle = outbox.obstacle(name, now, self.by, self.terms.most)
        if obstacle is Obstacle.STOPPED:
            outbox.release([name], self.by)
            return Step(name, Result.HELD, obstacle)
        if obstacle is Obstacle.LOST:
            # What is still ours, but not for long enough, is anybody's at once, and surely not sent.
            outbox.release([name], self.by)
            return Step(name, Result.LOST)
        try:
            if obstacle is None and (opening := self._opening(message, now)) is not None:
                outbox.hold(name, opening, self.by)
                return Step(name, Result.HELD, f"until {opening.isoformat(timespec='minutes')}")
            if obstacle is None and not self._is_over(message, now):
                if codes := self.check(message):
                    return self._unsafe(message, codes)
                self.sender.send(message)
                return self._sent(message)
        except Erased:
            return Step(name, Result.LOST)
        except (NotSent, ZoneInfoNotFoundError, InputError, Unusable) as fault:
            return self._failed(message, fault)
        return self._given_up(message, obstacle or Obstacle.OVER, is_certain=True)

    def _opening(self, message: Waiting, now: datetime) -> datetime | None:
        """Give the moment to wait for; None: the window stands open for as long as the sending may take."""
        terms = self.terms
        for moment in (now, now + terms.most):
            opening = terms.daytime.opening(moment, message.time_zone, message.country)
            if opening > moment:
                return opening
        return None

    def _is_over(self, message: Waiting, now: datetime) -> bool:
        if message.valid_until is None:
            return False
        day = self.terms.daytime.local_day(now + self.terms.most, message.time_zone, message.country)
        return day > message.valid_until

    def _sent(self, message: Waiting) -> Step:
        try:
            self.store.outbox.sent(message.decision_id, self.now())
        except LedgerUnavailable:
            raise
        except LedgerError as error:
            return Step(message.decision_id, Result.UNBOOKED, str(error))
        return Step(message.decision_id, Result.SENT)

    def _failed(self, message: Waiting, fault: Exception) -> Step:
        terms, now = self.terms, self.now()
        why, is_last = str(fault), message.attempts >= terms.attempts
        # Where nothing could be begun, nothing can have arrived.
        asked, is_certain = (fault.seconds, fault.is_certain) if isinstance(fault, NotSent) else (0.0, True)
        if is_last:
            return self._given_up(message, why, is_certain)
        retry_at = now + pause_after(message, terms, asked)
        self.store.outbox.failed(message.decision_id, why, retry_at, self.by, is_certain)
        return Step(message.decision_id, Result.FAILED, why)

    def _unsafe(self, message: Waiting, codes: tuple[str, ...]) -> Step:
        step = self._given_up(message, UNSAFE + ", ".join(codes), is_certain=True)
        return step if step.result is Result.LOST else replace(step, result=Result.UNSAFE)

    def _given_up(self, message: Waiting, why: str, is_certain: bool) -> Step:
        ending = self.store.outbox.give_up(message.decision_id, why, self.by, self.now(), is_certain)
        result = {None: Result.LOST, Ending.RELEASED: Result.GIVEN_UP, Ending.KEPT: Result.IN_DOUBT}[ending]
        return Step(message.decision_id, result, why)


def pause_after(message: Waiting, terms: Terms, asked_seconds: float) -> timedelta:
    """Say how long to wait before the next attempt: growing, spread by a draw of the message's own.

    Args:
        message: That failed.
        terms: With the first and the longest pause.
        asked_seconds: What the receiver asked for; heeded up to the longest pause.
    """
    most = terms.most_pause.total_seconds()
    grown = min(terms.first_pause.total_seconds() * 2.0 ** (message.attempts - 1), most)
    spread = grown * (1 - chance(f"{message.decision_id}:{message.attempts}", _JITTER) / 2)
    return timedelta(seconds=min(max(spread, asked_seconds), most))
