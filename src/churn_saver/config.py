"""Frozen settings, one class per file of ops/configs, and the environment.

`parse` takes text, never a path: who reads the file is the caller's business. Every fault of a
file is reported at once. The files hold all defaults, with unit and source; only those of
the environment stand here.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.domain.campaign import CAMPAIGN_ID, Caps
from churn_saver.domain.money import to_minor
from churn_saver.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Hour = Annotated[int, Field(ge=0, le=24)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Settings(BaseModel):
    """A frozen section of settings that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


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
    annoyance: Share
    fatigue_effect: Share
    hazard_factor: Share
    protected_days: Annotated[tuple[Days, ...], Field(min_length=N_OFFERS, max_length=N_OFFERS)]
    offer_valid_days: Days
    outcome_lag_days: Annotated[int, Field(ge=0, le=365)]
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


class CampaignSettings(Settings):
    """The campaign that a fresh server has."""

    id: Annotated[str, Field(pattern=CAMPAIGN_ID)]
    limit: NotNegative
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    holdout_share: Share
    exploration_share: Share
    customers: Annotated[int, Field(ge=1)]


class ServeSettings(Settings):
    """ops/configs/serve.yaml: what the service and the batch promise."""

    policy: Literal["knapsack", "propensity_rule"]
    risk_threshold: Share
    propensity_offer_pct: Literal[OFFER_PERCENTS]  # type: ignore[valid-type]
    contact_basis: Literal["existing_customer", "explicit_consent"]
    company_time_zone: Zone
    quiet_until_hour: Hour
    quiet_from_hour: Hour
    channel: Literal["email", "sms", "push"]
    company_domains: tuple[str, ...]
    company_phones: tuple[str, ...]
    banned_phrases: tuple[str, ...]
    campaign: CampaignSettings

    @property
    def zone(self) -> ZoneInfo:
        """The company's own zone."""
        return ZoneInfo(self.company_time_zone)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "ServeSettings":
        if not self.quiet_until_hour < self.quiet_from_hour:
            raise ValueError(
                f"quiet_until_hour {self.quiet_until_hour} must be before "
                f"quiet_from_hour {self.quiet_from_hour}"
            )
        return self


class BoosterSettings(Settings):
    """Size and pace of one boosted model."""

    trees: Annotated[int, Field(ge=1, le=5_000)]
    depth: Annotated[int, Field(ge=1, le=12)]
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    min_child_weight: NotNegative
    row_share: Annotated[float, Field(gt=0, le=1)]
    column_share: Annotated[float, Field(gt=0, le=1)]


class RiskSettings(BoosterSettings):
    """The churn model and where its rows come from."""

    source: Literal["auto", "company", "processed", "demo"]


class AcceptSettings(BoosterSettings):
    """The acceptance model."""

    propensity_floor: Annotated[float, Field(gt=0, le=1)]
    margin_kept: Annotated[float, Field(gt=0.15, allow_inf_nan=False)]


class GateSettings(Settings):
    """What a model must reach before anything is written."""

    risk_auc: Share
    risk_ece: Share
    risk_view_ece: Share
    hold_out_auc: Share
    hold_out_ece: Share
    accept_auc: Share
    accept_ece: Share
    accept_bayes_gap: Share
    accept_regret: Share


class TabularSettings(Settings):
    """ops/configs/tabular.yaml: churn risk and offer acceptance."""

    preset: Literal["shallow", "classic"]
    allow_protected: bool
    seed: Count
    folds: Annotated[int, Field(ge=2, le=20)]
    hold_out_share: Annotated[float, Field(gt=0, lt=0.5)]
    bootstrap_draws: Annotated[int, Field(ge=20)]
    threads: Annotated[int, Field(ge=1, le=64)]
    risk: RiskSettings
    accept: AcceptSettings
    gates: GateSettings


class Environment(Settings):
    """Environment variables that are read; documented in .env.example."""

    DATABASE_URL: str | None = None
    HOST: str = "127.0.0.1"
    PORT: Annotated[int, Field(ge=0, le=65_535)] = 8080
    FORCE_BASELINE: bool = False
    MODEL_DIR: str | None = None
    CONFIG_DIR: str | None = None


AnySettings = TypeVar("AnySettings", bound=Settings)


def parse(kind: type[AnySettings], text: str, origin: str) -> AnySettings:
    """Read one settings file.

    Args:
        kind: The class that belongs to the file.
        text: YAML.
        origin: Name of the file, for error messages.

    Raises:
        ConfigError: not YAML, or any field missing, unknown or out of range; names all of them.
    """
    return _validated(kind, yaml_mapping(text, origin), origin)


def yaml_mapping(text: str, origin: str) -> dict[str, object]:
    """Read the 'name: value' lines of a settings file, unjudged.

    Raises:
        ConfigError: not YAML, or something else than such lines.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{origin} is not YAML: {error}. Mend the line it names.") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{origin} holds {type(raw).__name__}, wanted 'name: value' lines")
    return raw


def environment(variables: Mapping[str, str]) -> Environment:
    """Read the documented variables and ignore all others; an empty one counts as not set.

    Raises:
        ConfigError: a variable has a value that it cannot have; names all of them.
    """
    names = Environment.model_fields
    return _validated(
        Environment, {k: v for k, v in variables.items() if k in names and v != ""}, "environment"
    )


def _validated(kind: type[AnySettings], raw: dict[str, object], origin: str) -> AnySettings:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        lines = [
            f"{origin}: {'.'.join(map(str, fault['loc'])) or 'file'} is {fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ConfigError("\n".join(lines)) from error
