"""A decided message that waits to be sent, and what may stand against sending it after all."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

UNSAFE = "unsafe: "
"""How the fault of a message begins whose text the shield stopped as it was about to go out; codes follow."""


class Obstacle(StrEnum):
    """What stands against sending a message at this moment."""

    LOST = "lost"
    """It is not ours to send any more: sent, void, erased, or claimed by another dispatcher."""
    STOPPED = "stopped"
    """The switch that stops all sending is on: the message waits on."""
    SUPPRESSED = "suppressed"
    OPTED_OUT = "opted_out"
    CAMPAIGN_CLOSED = "campaign_closed"
    RELEASED = "released"
    """Its money may be somebody else's by now."""
    OVER = "over"
    """The last day of its offer, or of its money, has passed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message, claimed by one dispatcher for a while."""

    decision_id: str
    """Its key at the provider too: the same id twice is the same message."""
    campaign_id: str
    customer_id: str
    """Your own id; addresses are not kept here."""
    message: str
    channel: str | None
    """email, sms or push; None: settled before the channel was kept."""
    time_zone: str | None
    """IANA zone of the recipient; None: not known."""
    country: str | None
    """ISO 3166 alpha-2 code of where the recipient lives; None: not known."""
    send_at: datetime
    """When it is due, aware, UTC."""
    valid_until: date | None
    """Last day of the offer that it states, in the recipient's zone; None: it states none."""
    attempts: int
    """This one included; before it, those that failed."""
