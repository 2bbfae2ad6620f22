"""ops/configs/env.yaml: the portfolio, what a contact does in it, and the caps."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, Days, NotNegative, Positive, Settings, Share
from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.campaign import Caps
from churn_saver.domain.money import to_minor


class CapsSettings(Settings):
    """How often one customer may be contacted, and for how much."""

    per_7_days: Count
    per_30_days: Count
    per_period: Count
    cooldown_days: Count
    allowance_units: Count

    def caps(self) -> Caps:
        """Give the core's own type."""
        return Caps(**self.model_dump())


class EnvSettings(Settings):
    """ops/configs/env.yaml: the portfolio and what a contact does in it."""

    horizon_days: Days
    margin_share: Positive
    terminal_months: NotNegative
    contact_cost: NotNegative
    decision_cost: NotNegative
    annoyance: Share
    fatigue_effect: Share
    hazard_factor: Share
    protected_days: Annotated[tuple[Days, ...], Field(min_length=N_OFFERS, max_length=N_OFFERS)]
    offer_valid_days: Days
    outcome_lag_days: Annotated[int, Field(ge=0, le=365)]
    budget_per_customer: Positive
    over_cap_tolerance: NotNegative
    observation: Literal["full", "nine"]
    levels: dict[str, Annotated[float, Field(ge=-20, le=20, allow_inf_nan=False)]]
    transitions: tuple[tuple[Share, ...], ...]
    caps: CapsSettings

    @property
    def contact_cost_minor(self) -> int:
        """Cost of sending one message, minor units."""
        return to_minor(self.contact_cost, "contact_cost")

    @model_validator(mode="after")
    def _is_a_chain(self) -> "EnvSettings":
        size = len(self.levels)
        if len(self.transitions) != size or any(len(row) != size for row in self.transitions):
            raise ValueError(f"transitions must be {size} rows of {size}, one for each level")
        for name, row in zip(self.levels, self.transitions, strict=True):
            if abs(sum(row) - 1) > 1e-9:
                raise ValueError(f"transitions of level {name!r} sum to {sum(row)}, wanted 1")
        if "usual" not in self.levels or self.levels["usual"] != 0:
            raise ValueError("levels must hold 'usual' with shift 0")
        return self
