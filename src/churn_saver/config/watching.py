"""ops/configs/watch.yaml: what `churn-saver watch` compares with what, and what it calls off."""

from typing import Annotated

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, Days, NotNegative, Positive, Settings, Share

Name = Annotated[str, Field(min_length=1, max_length=128)]


class FairColumn(Settings):
    """One column by whose groups treatment is compared; a bound of none: the measure is left out."""

    column: Name
    bound: Share
    cost_bound: NotNegative | None = None
    effect_bound: Share | None = None


class WatchSettings(Settings):
    """ops/configs/watch.yaml."""

    reference_from_day: Count
    reference_to_day: Days
    window_days: Days
    psi: Positive
    alpha: Annotated[float, Field(gt=0, lt=1)]
    ignored: tuple[Name, ...]
    risk_bound: Annotated[float, Field(gt=0, le=1)]
    accept_bound: Annotated[float, Field(gt=0, le=1)]
    most_overdue: Share
    least_delivered: Share
    delivery_days: Days
    fairness: tuple[FairColumn, ...]

    @model_validator(mode="after")
    def _makes_sense(self) -> "WatchSettings":
        if self.reference_from_day >= self.reference_to_day:
            raise ValueError(
                f"reference_from_day {self.reference_from_day} must lie before reference_to_day "
                f"{self.reference_to_day}"
            )
        names = [one.column for one in self.fairness]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"fairness names {', '.join(twice)} more than once, wanted each column once")
        return self
