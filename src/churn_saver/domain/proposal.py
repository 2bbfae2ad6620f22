"""What the journey proposes for n customers: everything the ledger must record, nothing it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, Reason

Entry = TypeVar("Entry")

LIVE, BANK, TEMPLATE, NO_MESSAGE = "live", "bank", "template", "none"
"""Where a message comes from: written while the customer waited, an approved entry of the bank, a plain
sentence of the code's own, or there is none."""
SHARED = frozenset({"decided_at", "price", "versions"})
"""Fields that all proposals of one working out have in common."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What a decision was made with, so that it can be made again."""

    policy: str
    """Rung of the ladder that decided, by its name in serve.yaml."""
    models: str
    """First 16 hex digits of the manifest's SHA-256, or 'none'."""
    code: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """n proposals, as columns; row i belongs to customer i of the batch."""

    customer_ids: Sequence[str]
    choice: NDArray[np.int8]
    """Chosen, (n,), 0..4; see `domain.action`."""
    intended: NDArray[np.int8]
    """What would be done without holdout and without the shield, (n,), 0..4."""
    reasons: NDArray[np.int64]
    """`Reason` flags for why nothing is done, (n,); 0 where there is a contact."""
    excluded: NDArray[np.int64]
    """`Reason` flags per choice, (n, 5): who ruled what out; 0 where allowed."""
    probability: NDArray[np.float64]
    """Of the intended action under the policy, (n,)."""
    arm_probability: NDArray[np.float64]
    """Of the customer's arm, holdout or treated, (n,)."""
    message_probability: NDArray[np.float64]
    """Of the wording among those that fit, (n,); NaN without a message, and for a live one."""
    churn_risk: NDArray[np.float64]
    """(n,), NaN where nothing could score."""
    accept_prob: NDArray[np.float64]
    """Chance that the intended offer (else offer 0) is accepted, fatigue included, (n,)."""
    expected_value: NDArray[np.float64]
    """Gain of the intended contact over never contacting, less expected cost, minor units, (n,); 0: none."""
    retention_prob: NDArray[np.float64]
    """Chance to be a customer in 30 days under the chosen action, (n,)."""
    uncontacted_prob: NDArray[np.float64]
    """The same without a contact, (n,)."""
    needs_minor: NDArray[np.int64]
    """Most that the chosen action can cost: what is to be reserved, (n,)."""
    contact_minor: NDArray[np.int64]
    """The part of `needs_minor` that is spent when the message is sent, (n,)."""
    names: Sequence[str | None]
    texts: Sequence[str | None]
    """Shielded text, (n,); None without a contact."""
    violations: Sequence[tuple[str, ...]]
    """Codes of the last draft that the shield stopped, (n,); empty where none was."""
    message_sources: Sequence[str]
    """live | bank | template | none, (n,)."""
    message_entries: Sequence[str | None]
    """Id of the bank's entry, (n,); None: the message is not the bank's."""
    send_at: Sequence[datetime | None]
    """Aware, UTC, inside the recipient's window, (n,); None without a contact."""
    time_zones: Sequence[str | None]
    """IANA zone of the recipient, (n,); None: not known, the country's count, else the company's."""
    countries: Sequence[str | None]
    """ISO 3166 alpha-2 code of where the recipient lives, (n,); None: not known."""
    channels: Sequence[str | None]
    """How the message goes out, (n,): email, sms or push; None without a contact."""
    valid_until: Sequence[date | None]
    """Last day of the offer, (n,); None without a discount."""
    expires_on: Sequence[date | None]
    """Last day on which the reserved money is held, (n,); None where nothing is reserved."""
    delay_days: NDArray[np.int8]
    """Decide again after 1 + this many days, (n,), 0..7; 0 where a wanted contact fell away."""
    features: Sequence[str]
    """JSON of what the customer was scored on, (n,): enough to make the decision again."""
    decision_numbers: NDArray[np.int64]
    """Decisions already recorded for the customer in the campaign, (n,)."""
    decided_at: datetime
    """Moment of all n decisions, aware; the next ones are counted from it."""
    price: float
    versions: Versions

    def __len__(self) -> int:
        """Count the proposals."""
        return len(self.customer_ids)

    @property
    def next_decision_at(self) -> list[datetime]:
        """When a batch decides about each customer again, (n,): `decided_at` + 1 + delay_days days.

        Rows of one delay share one moment, so that the list is pointers and hardly anything else.
        """
        delays = self.delay_days.tolist()
        moments = {delay: self.decided_at + timedelta(days=1 + delay) for delay in set(delays)}
        return [moments[delay] for delay in delays]

    def reason_words(self, row: int) -> list[str]:
        """Name why nothing is done about a customer."""
        return Reason(int(self.reasons[row])).words()

    def take(self, rows: NDArray[np.int64]) -> "Proposals":
        """Give the proposals at the row numbers, in their order."""

        def pick(name: str) -> object:
            column = getattr(self, name)
            if name in SHARED:
                return column
            return column[rows] if isinstance(column, np.ndarray) else [column[i] for i in rows]

        return Proposals(**{name: pick(name) for name in self.__slots__})  # type: ignore[arg-type]

    def withhold(self, reasons: NDArray[np.int64]) -> "Proposals":
        """Turn rows into no contact, to be decided again tomorrow: their delay went with the contact.

        Shapes: reasons (n,), `Reason` flags, 0 where a row stays as it is.
        """
        out = reasons != 0

        def kept(column: Sequence[Entry | None]) -> list[Entry | None]:
            return [None if gone else value for gone, value in zip(out, column, strict=True)]

        return replace(
            self,
            choice=np.where(out, NO_CONTACT, self.choice).astype(np.int8),
            reasons=np.where(out, reasons, self.reasons),
            retention_prob=np.where(out, self.uncontacted_prob, self.retention_prob),
            message_probability=np.where(out, np.nan, self.message_probability),
            needs_minor=np.where(out, 0, self.needs_minor),
            contact_minor=np.where(out, 0, self.contact_minor),
            texts=kept(self.texts),
            message_sources=[source or NO_MESSAGE for source in kept(self.message_sources)],
            message_entries=kept(self.message_entries),
            send_at=kept(self.send_at),
            channels=kept(self.channels),
            valid_until=kept(self.valid_until),
            expires_on=kept(self.expires_on),
            delay_days=np.where(out, 0, self.delay_days).astype(np.int8),
        )


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger made of n proposals."""

    decision_ids: Sequence[str]
    """(n,); empty string where refused."""
    refused: NDArray[np.int64]
    """`Reason` flags, (n,): 0 where recorded, else BUDGET, CAP_7_DAYS, CAP_30_DAYS, COOLDOWN,
    SUPPRESSED, OPTED_OUT, NO_CAMPAIGN, STOPPED, or STATE_UNREADABLE (another decision came in between:
    read again)."""
    is_repeated: bool = False
    """Answered before under the same key: nothing was settled now."""
    number: int | None = None
    """Of the settlement in the books; None: there was nothing to settle, or it is repeated."""

    def of(self, row: int) -> "Settlement":
        """Give what became of one proposal."""
        return replace(self, decision_ids=[self.decision_ids[row]], refused=self.refused[row : row + 1])
