"""A campaign: one budget, one horizon, the caps that hold for every customer in it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from churn_saver.errors import CampaignError

PERIOD_DAYS = 30
CAMPAIGN_ID = r"^[A-Za-z0-9._-]{1,64}$"


@dataclass(frozen=True, slots=True)
class Caps:
    """How often one customer may be contacted, and for how much."""

    per_7_days: int
    per_30_days: int
    per_period: int
    """Per fixed 30-day period of the campaign; the policy's own fatigue cap."""
    cooldown_days: int
    allowance_units: int
    """Discounts per customer and campaign, in units of 5 % of one bill."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """The promises of one campaign."""

    campaign_id: str
    starts_at: datetime
    """Aware, UTC."""
    horizon_days: int
    limit_minor: int
    customers: int
    """How many customers the limit is meant for: budget per customer is what a price depends on."""
    currency: str
    price: float
    """λ: margin that one unit of budget must bring, a pure number (minor units per minor unit)."""
    holdout_share: float
    exploration_share: float
    caps: Caps
    salt: str
    """Key of the campaign's hashes: holdout arm and draws."""
    is_paced: bool = False
    """The limit is released day by day, an equal share each, and not on the first day."""
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a campaign that promises nothing that can be kept."""
        if self.starts_at.tzinfo is None:
            raise CampaignError(f"campaign {self.campaign_id!r} starts at a time without a zone")
        if self.limit_minor < 0 or self.horizon_days < 1 or self.price < 0:
            raise CampaignError(
                f"campaign {self.campaign_id!r}: limit {self.limit_minor}, horizon "
                f"{self.horizon_days} days and price {self.price} must not be negative or empty"
            )
        if self.customers < 1:
            raise CampaignError(
                f"campaign {self.campaign_id!r} is meant for {self.customers} customers, wanted 1 or more: "
                "say how many the limit is for"
            )

    def is_open(self, now: datetime) -> bool:
        """Say whether decisions may be made at `now`."""
        return self.closed_at is None and self.starts_at <= now < self.ends_at

    @property
    def ends_at(self) -> datetime:
        """First moment after the horizon."""
        return self.starts_at + timedelta(days=self.horizon_days)

    def days_left(self, now: datetime) -> int:
        """Whole days to the end, at least 1 while the campaign runs."""
        return max(1, -(-(self.ends_at - now) // timedelta(days=1)))

    def period_start(self, now: datetime) -> datetime:
        """First moment of the fixed 30-day period that `now` lies in."""
        days = (now.astimezone(UTC) - self.starts_at) // timedelta(days=1)
        return self.starts_at + timedelta(days=days - days % PERIOD_DAYS)

    def holds_out(self, customer_id: str) -> bool:
        """Say whether a customer is in the holdout: sticky, by keyed hash, at any size of table."""
        return self.uniform("holdout", customer_id) < self.holdout_share

    def uniform(self, *key: object) -> float:
        """Draw the number in [0, 1) that belongs to this key: no state, so retries agree."""
        return int.from_bytes(self._digest(*key)[:7], "big") / 2**56

    def _digest(self, *key: object) -> bytes:
        text = "\x1f".join([self.campaign_id, *map(str, key)])
        return hashlib.blake2b(text.encode(), digest_size=16, key=self.salt.encode()[:64]).digest()
