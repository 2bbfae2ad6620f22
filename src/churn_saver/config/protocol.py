"""ops/configs/protocol.yaml: what a campaign is to show, written down before anybody could look."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, Days, NotNegative, Positive, Settings

Measure = Literal["contact_rate", "offer_rate", "cost_share", "effect", "difference"]
"""What is compared between groups; as `evidence.fairness` names it."""


class GateBounds(Settings):
    """What a challenger has to keep before it may decide for everybody."""

    least_gain: NotNegative
    broken_caps: Count
    replays: Annotated[int, Field(ge=1)]


class ProtocolSettings(Settings):
    """A protocol: one question, asked on named days, with a stated chance of error."""

    metric: Literal["retained", "margin"]
    days: Days
    wanted_effect: Positive
    customers: Annotated[int, Field(ge=2)]
    looks: Annotated[tuple[Days, ...], Field(min_length=1, max_length=20)]
    alpha: Annotated[float, Field(gt=0, lt=0.5)]
    gate: GateBounds
    fairness: dict[Annotated[str, Field(min_length=1, max_length=64)], dict[Measure, NotNegative]]

    @property
    def level(self) -> float:
        """Coverage of all looks together."""
        return 1 - self.alpha

    @model_validator(mode="after")
    def _looks_when_something_is_known(self) -> "ProtocolSettings":
        if not all(earlier < later for earlier, later in pairwise(self.looks)):
            raise ValueError(f"looks are at days {list(self.looks)}, wanted each later than the one before")
        if self.looks[0] < self.days:
            raise ValueError(
                f"the first look is on day {self.looks[0]}, wanted day {self.days} or later: before, nobody "
                "has been followed for the days that are judged"
            )
        return self

    @model_validator(mode="after")
    def _wants_what_can_be(self) -> "ProtocolSettings":
        if self.metric == "retained" and self.wanted_effect > 1:
            raise ValueError(
                f"wanted_effect is {self.wanted_effect:g}, wanted a difference of shares of at most 1, such "
                "as 0.02"
            )
        return self
