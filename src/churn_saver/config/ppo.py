"""ops/configs/ppo.yaml: how the decision policy is trained and on whom it is certified."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, NotNegative, Positive, Settings, Share

Size = Annotated[int, Field(ge=1)]
Inside = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class MultiplierSettings(Settings):
    """How λ follows the spend, where the price of budget is not an input."""

    rule: Literal["pi", "plain"]
    start: Literal["dual"] | NotNegative
    kp: NotNegative
    ki: NotNegative
    learning_rate: Positive
    max_error: Positive


class PricesSettings(Settings):
    """The range of λ for a policy whose price is an input."""

    low: NotNegative
    high: Positive

    @model_validator(mode="after")
    def _is_a_range(self) -> "PricesSettings":
        if not self.low < self.high:
            raise ValueError(f"prices.low {self.low} must be below prices.high {self.high}")
        return self


class PanelsSettings(Settings):
    """Customers on whom a trained policy is calibrated and judged."""

    certificate: Annotated[int, Field(ge=2)]
    held_out: Annotated[int, Field(ge=2)]


class LadderSettings(Settings):
    """How the ladder is measured, and how its trained rungs differ from the recipe above."""

    seeds: Annotated[int, Field(ge=2)]
    seeds_elsewhere: Size
    iterations: Size
    cloned_iterations: Size
    cloned_values_first: Count
    cloned_learning_rate: Positive
    cloned_entropy: NotNegative
    within_points: NotNegative


class PpoSettings(Settings):
    """ops/configs/ppo.yaml: the whole recipe."""

    observation: Literal["full_price", "full", "nine"]
    reward: Literal["gain", "money"]
    churn: Literal["expected", "sampled"]
    successors: Literal["expected", "drawn"]
    slots: Size
    rollout_steps: Size
    iterations: Size
    epochs: Size
    minibatch: Size
    learning_rate: Positive
    final_learning_rate: Share
    clip: Inside
    value_clip: Positive | None
    gae_lambda: Share
    value_coefficient: NotNegative
    entropy_coefficient: NotNegative
    max_grad_norm: Positive
    values_first: Count
    hidden: Annotated[tuple[Size, ...], Field(min_length=1, max_length=4)]
    shared_trunk: bool
    threads: Size
    save_every: Size
    budget_share: Inside
    budget_factors: Annotated[tuple[Positive, ...], Field(min_length=1)]
    cloning_epochs: Count
    multiplier: MultiplierSettings
    prices: PricesSettings
    panels: PanelsSettings
    ladder: LadderSettings

    @model_validator(mode="after")
    def _fits(self) -> "PpoSettings":
        if self.minibatch > self.slots * self.rollout_steps:
            raise ValueError(
                f"minibatch {self.minibatch} must be at most slots x rollout_steps = "
                f"{self.slots * self.rollout_steps}"
            )
        if 1.0 not in self.budget_factors:
            raise ValueError("budget_factors must hold 1: the budget of env.yaml itself")
        return self
