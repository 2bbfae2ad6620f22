"""ops/configs/serve.yaml: the service, the batch and the campaign that a fresh server has."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from churn_saver.config.reading import Hour, NotNegative, Settings, Share, Zone
from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.campaign import CAMPAIGN_ID

Rung = Literal[
    "champion", "knapsack", "propensity_rule", "risk_value", "greedy", "never", "random", "exact",
    "uplift", "ppo", "ppo_nine", "ppo_price", "ppo_cloned",
]  # fmt: skip
"""Who may decide: the rungs of the ladder, or whichever of them its gate recorded as champion."""


class CampaignSettings(Settings):
    """The campaign that a fresh server has."""

    id: Annotated[str, Field(pattern=CAMPAIGN_ID)]
    limit: NotNegative
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    holdout_share: Share
    exploration_share: Share
    customers: Annotated[int, Field(ge=1)]
    paced: bool


class GuardSettings(Settings):
    """How long the service waits for what decides, and when it leaves alone what fails."""

    deadline_ms: Annotated[int, Field(ge=1, le=60_000)]
    table_deadline_seconds: Annotated[int, Field(ge=1, le=3_600)]
    threads: Annotated[int, Field(ge=1, le=64)]
    faults: Annotated[int, Field(ge=1, le=1_000)]
    pause_seconds: Annotated[int, Field(ge=1, le=3_600)]


class ServeSettings(Settings):
    """ops/configs/serve.yaml: what the service and the batch promise."""

    policy: Rung
    risk_threshold: Share
    propensity_offer_pct: Literal[OFFER_PERCENTS]  # type: ignore[valid-type]
    risk_value_threshold: NotNegative
    random_share: Share
    contact_basis: Literal["existing_customer", "explicit_consent"]
    company_time_zone: Zone
    quiet_until_hour: Hour
    quiet_from_hour: Hour
    channel: Literal["email", "sms", "push"]
    live: bool
    live_deadline_ms: Annotated[int, Field(ge=1, le=60_000)]
    live_quantization: Literal["Q8_0", "F32"]
    live_threads: Annotated[int, Field(ge=1)]
    company_domains: tuple[str, ...]
    company_phones: tuple[str, ...]
    banned_phrases: tuple[str, ...]
    deadline_ms: Annotated[int, Field(ge=1, le=60_000)]
    guard: GuardSettings
    campaign: CampaignSettings

    @property
    def zone(self) -> ZoneInfo:
        """The company's own zone."""
        return ZoneInfo(self.company_time_zone)

    @model_validator(mode="after")
    def _leaves_time_for_the_ledger(self) -> "ServeSettings":
        others = 2 * self.guard.deadline_ms + self.live_deadline_ms
        if self.deadline_ms <= others:
            raise ValueError(
                f"deadline_ms {self.deadline_ms} must be more than {others}: twice guard.deadline_ms, "
                "for predictors and policy, and live_deadline_ms"
            )
        return self

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "ServeSettings":
        if not self.quiet_until_hour < self.quiet_from_hour:
            raise ValueError(
                f"quiet_until_hour {self.quiet_until_hour} must be before "
                f"quiet_from_hour {self.quiet_from_hour}"
            )
        return self
