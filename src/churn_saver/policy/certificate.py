"""What a trained policy was measured at: budgets, the price that meets each, the caps, the assumptions.

Outside of it nobody knows what the policy does, so something else decides there. Knows neither files
nor how the figures were measured. Source: exact evaluation on customers that it was not trained on.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import expm1, isfinite, log, log1p

from churn_saver.config import EnvSettings
from churn_saver.domain.campaign import Caps
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, quoted
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.network import PolicyNetwork

SLACK = 1.1
"""How far from a certified budget the policy may still serve, as a factor."""
_CAPS = ("per_period", "cooldown_days", "allowance_units")
"""Caps that the simulator knows; the others bind later, in the books."""
_NOT_LEARNED_FROM = {
    "offer_valid_days",
    "outcome_lag_days",
    "budget_per_customer",
    "over_cap_tolerance",
    "observation",
    "caps",
}
"""Settings of env.yaml that change nothing in the simulator, or that the certificate holds by name."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Certified:
    """The policy at one budget; money in minor units."""

    budget_per_customer_minor: float
    price: float
    """λ at which the policy meets the budget on the calibration panel; of a policy without a price among
    its inputs, the λ that it was trained at."""
    spend_per_customer_minor: float
    """Expected, on the held-out panel."""
    gain_pct: float
    """Of the attainable gain, on the held-out panel."""
    regret_pct: float
    """Lagrangian regret in per cent of the attainable gain, on the held-out panel."""
    feasible: bool
    """The spend is within the budget, on the held-out panel."""

    def __post_init__(self) -> None:
        """Refuse what is no measurement."""
        for name in ("budget_per_customer_minor", "price", "spend_per_customer_minor"):
            value = getattr(self, name)
            if not 0.0 <= value < float("inf"):
                raise InputError(f"{name} is {value}, wanted a number of 0 or more")
        if self.budget_per_customer_minor == 0.0:
            raise InputError(
                "budget_per_customer_minor is 0, wanted more: nothing is certified without money"
            )
        for name in ("gain_pct", "regret_pct"):
            if not isfinite(getattr(self, name)):
                raise InputError(f"{name} is {getattr(self, name)}, wanted a finite number")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a policy may serve."""

    rows: tuple[Certified, ...]
    """Rising in budget, at least one."""
    caps: Caps
    assumptions: str
    """`assumptions_digest` of the settings that it was trained and measured under."""

    def __post_init__(self) -> None:
        """Refuse what certifies nothing."""
        budgets = [row.budget_per_customer_minor for row in self.rows]
        if not budgets or any(left >= right for left, right in pairwise(budgets)):
            raise InputError(f"rows have the budgets {budgets}, wanted at least one, and rising")
        if len(self.assumptions) != 64 or not _HEX.issuperset(self.assumptions):
            raise InputError(f"assumptions is {quoted(self.assumptions)}, wanted a SHA-256 in hex")

    def covers(self, budget_per_customer_minor: float, caps: Caps) -> bool:
        """Say whether the policy may serve at a budget and under caps.

        It may within 10 % of a budget at which it was feasible and between two neighbours of that kind,
        under the same caps. Whether the assumptions still hold is another question: compare digests.
        """
        if any(getattr(caps, name) != getattr(self.caps, name) for name in _CAPS):
            return False
        budget = budget_per_customer_minor
        feasible = [row for row in self.rows if row.feasible]
        near = any(
            row.budget_per_customer_minor / SLACK <= budget <= row.budget_per_customer_minor * SLACK
            for row in feasible
        )
        between = any(
            left.budget_per_customer_minor <= budget <= right.budget_per_customer_minor
            for left, right in pairwise(self.rows)
            if left.feasible and right.feasible
        )
        return near or between

    def price_at(self, budget_per_customer_minor: float) -> float:
        """Give λ for a budget, as `price_on` reads it off the rows.

        Raises:
            InputError: as `price_on`.
        """
        points = [(row.budget_per_customer_minor, row.price) for row in self.rows]
        return price_on(points, budget_per_customer_minor)

    def to_dict(self) -> dict[str, object]:
        """Give plain values, for JSON."""
        return asdict(self) | {"rows": [asdict(row) for row in self.rows]}

    @classmethod
    def from_dict(cls, raw: object) -> "Certificate":
        """Read what `to_dict` gave.

        Raises:
            ArtifactError: a field is missing, unknown or not what it should be; names it.
        """
        found = object_of(raw, cls.__slots__, "certificate")
        rows, assumptions = found["rows"], found["assumptions"]
        if not isinstance(rows, list):
            raise ArtifactError(f"certificate.rows is {quoted(str(rows))}, wanted a list")
        if not isinstance(assumptions, str):
            raise ArtifactError(f"certificate.assumptions is {quoted(str(assumptions))}, wanted a text")
        certified = tuple(record_of(Certified, row, f"certificate.rows[{i}]") for i, row in enumerate(rows))
        try:
            return cls(certified, record_of(Caps, found["caps"], "certificate.caps"), assumptions)
        except InputError as error:
            raise ArtifactError(f"certificate: {error}") from error


@dataclass(frozen=True, slots=True)
class ServedPolicy:
    """A trained policy with all that vouches for it."""

    network: PolicyNetwork
    certificate: Certificate
    provenance: Mapping[str, object]
    """Seed, iterations, decisions learned from, population, settings, version of the code; plain values."""
    version: str = ""
    """First 16 hex digits of the file's SHA-256; empty as long as there is no file."""


def price_on(points: Sequence[tuple[float, float]], budget_per_customer_minor: float) -> float:
    """Read λ off measured budgets: linear in log budget and log(1 + λ) between two, beyond them the end's.

    Args:
        points: (budget per customer, λ), at least one, budgets above 0 and rising.
        budget_per_customer_minor: Whose price is wanted.

    Raises:
        InputError: a budget of 0, a negative one or NaN.
    """
    if not budget_per_customer_minor > 0.0:
        raise InputError(
            f"the budget per customer is {budget_per_customer_minor}, wanted more than 0: without money "
            "there is no price, and nobody is contacted"
        )
    budgets = [budget for budget, _ in points]
    place = bisect_left(budgets, budget_per_customer_minor)
    if place == len(budgets):
        return points[-1][1]
    # At a certified budget the very λ that was certified, not one that rounding moved.
    if place == 0 or budgets[place] == budget_per_customer_minor:
        return points[place][1]
    (low, left), (high, right) = points[place - 1], points[place]
    share = log(budget_per_customer_minor / low) / log(high / low)
    return expm1((1.0 - share) * log1p(left) + share * log1p(right))


def assumptions_digest(env: EnvSettings) -> str:
    """Hash what of env.yaml a policy learns from and is measured under.

    Levels count by shift and transitions, not by name or by their order in the file. The caps are left
    out: a certificate holds them by name.
    """
    levels = RiskLevels.of(env)
    read = env.model_dump(exclude=_NOT_LEARNED_FROM)
    read |= {"levels": levels.shifts, "transitions": levels.transitions}
    return hashlib.sha256(json.dumps(read, sort_keys=True, allow_nan=False).encode()).hexdigest()
