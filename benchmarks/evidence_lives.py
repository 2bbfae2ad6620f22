"""Campaigns with both potential outcomes of every customer, and what is known of them on a day.

Customers of three kinds enter over months, leave at a constant hazard of their kind, and pay bills of
which a few are large. What an arm would bring is known in closed form, so the truth is no estimate.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.evidence.followed import Followed, State

Floats: TypeAlias = NDArray[np.float64]

WINDOW = 90
KIND_SHARE = np.array([0.6, 0.3, 0.1])
KIND_HAZARD = np.array([0.0005, 0.003, 0.015])
"""Of leaving, a day: steady customers, wavering ones, and those on their way out."""
KIND_BILL = np.array([4_000.0, 7_000.0, 9_000.0])
"""Mean bill a month, minor units."""
BILL_SIGMA = 0.6
CALMED = 0.8
"""Hazard of the treated over that of the held out, where the campaign has an effect."""
CONTACT_MINOR, ACCEPTED, DISCOUNT = 20.0, 0.25, 0.1
LATEST_ENTRY = 120
"""Customers enter on days 0..119, as many on each."""
REPORT_DAY = 160


@dataclass(frozen=True, slots=True)
class Plan:
    """How a campaign is drawn."""

    customers: int
    held_out: Floats
    """Share held out of each kind of customer, (3,)."""
    has_effect: bool

    @property
    def truth(self) -> "Truth":
        """What the campaign does for the kinds of customers that are treated."""
        weight = KIND_SHARE * (1 - self.held_out)
        weight = weight / weight.sum()
        calmed = KIND_HAZARD * (CALMED if self.has_effect else 1.0)
        days = np.arange(WINDOW)[:, None]
        share, other_share = np.exp(-calmed * WINDOW), np.exp(-KIND_HAZARD * WINDOW)
        margin = KIND_BILL / 30 * np.exp(-calmed * days).sum(axis=0)
        other_margin = KIND_BILL / 30 * np.exp(-KIND_HAZARD * days).sum(axis=0)
        cost = CONTACT_MINOR + ACCEPTED * DISCOUNT * KIND_BILL if self.has_effect else 0.0 * KIND_BILL
        return Truth(
            float(weight @ (share - other_share)),
            float(weight @ share) / float(weight @ other_share),
            float(weight @ (margin - other_margin)),
            float(weight @ (margin - cost)) / float(weight @ other_margin),
            float(weight @ (margin - cost - other_margin)),
        )


@dataclass(frozen=True, slots=True)
class Truth:
    """Expected figures, a customer."""

    retained: float
    retained_ratio: float
    margin_minor: float
    net_ratio: float
    net_minor: float


@dataclass(frozen=True, slots=True)
class Lives:
    """What would become of every customer in either arm."""

    treated: NDArray[np.bool_]
    arm_probability: Floats
    entry: Floats
    leaves: Floats
    """Day of leaving after entry, in the arm that was drawn."""
    other_leaves: Floats
    """The same in the other arm."""
    bill_minor: Floats
    cost_minor: Floats

    @property
    def truly_saved(self) -> int:
        """Count the treated who stay and would have left, less those the other way round."""
        stays, would_stay = self.leaves > WINDOW, self.other_leaves > WINDOW
        return int(stays[self.treated].sum()) - int(would_stay[self.treated].sum())

    def followed_to(self, day: float) -> Followed:
        """Give what is known on a day of the campaign."""
        followed = day - self.entry
        has_left = self.leaves <= np.minimum(followed, WINDOW)
        state = np.where(has_left, State.CHURNED, np.where(followed < WINDOW, State.PENDING, State.RETAINED))
        days = np.where(has_left, self.leaves, followed)
        return Followed.checked(
            treated=self.treated, arm_probability=self.arm_probability, state=state, days=days,
            margin_minor=self.bill_minor / 30 * np.minimum(days, WINDOW), cost_minor=self.cost_minor,
            window_days=WINDOW,
        )  # fmt: skip


def lives(plan: Plan, rng: np.random.Generator) -> Lives:
    """Draw a campaign."""
    n = plan.customers
    kind = rng.choice(len(KIND_SHARE), n, p=KIND_SHARE)
    held_out = plan.held_out[kind]
    treated = rng.random(n) >= held_out
    calm = rng.exponential(1.0, n)
    # Rounded up, so that who leaves is seen to have left at the end of a day, and several on the same.
    alone = np.ceil(calm / KIND_HAZARD[kind])
    contacted = np.ceil(calm / KIND_HAZARD[kind] / (CALMED if plan.has_effect else 1.0))
    bill = KIND_BILL[kind] * np.exp(rng.normal(-(BILL_SIGMA**2) / 2, BILL_SIGMA, n))
    cost = CONTACT_MINOR + (rng.random(n) < ACCEPTED) * DISCOUNT * bill
    return Lives(
        treated, np.where(treated, 1 - held_out, held_out), rng.integers(0, LATEST_ENTRY, n).astype(float),
        np.where(treated, contacted, alone), np.where(treated, alone, contacted), bill,
        np.where(treated & plan.has_effect, cost, 0.0),
    )  # fmt: skip
