"""ops/configs/tabular.yaml: churn risk and offer acceptance."""

from typing import Annotated, Literal

from pydantic import Field

from churn_saver.config.reading import Count, NotNegative, Settings, Share


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
