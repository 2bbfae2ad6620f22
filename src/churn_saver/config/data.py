"""ops/configs/data.yaml: how the public data is split, mixed and judged."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, NotNegative, Positive, Settings, Share

Rows = Annotated[int, Field(ge=1)]
Part = Annotated[float, Field(gt=0, lt=1)]


class SplitShares(Settings):
    """Shares of the splits; together 1."""

    train: Part
    valid: Part
    test: Part

    @model_validator(mode="after")
    def _are_all(self) -> "SplitShares":
        total = self.train + self.valid + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train, valid and test sum to {total}, wanted 1")
        return self


class OfferSettings(Settings):
    """How the offers of UCI Bank are drawn; their effect is assumed."""

    logging: Literal["uniform", "targeted"]


class ConversationSettings(Settings):
    """Which conversations of OASST1 become prompts and responses."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    keep_synthetic: bool


class PreferenceSettings(Settings):
    """How the preference sets are mixed."""

    total: Rows
    """Pairs at most."""
    mix: dict[str, Positive]
    """Wanted share of each source; they need not sum to 1."""
    least_score_ratio: NotNegative
    """SHP-2: how many times the votes the better answer must have."""

    @model_validator(mode="after")
    def _mixes_known_sources(self) -> "PreferenceSettings":
        if set(self.mix) != {"hh_rlhf", "shp2"}:
            raise ValueError(f"mix names {', '.join(self.mix)}, wanted hh_rlhf and shp2")
        return self


class PsiSettings(Settings):
    """Limits of the population stability index of a column against the last run."""

    note: Positive
    fail: Positive


class TableQuality(Settings):
    """What a table must be like."""

    rows: Rows
    """Of the full set."""
    label: str
    label_share: tuple[Share, Share]
    missing: dict[str, Share]
    """Largest share of missing values by column; the others must be full."""


class TextQuality(Settings):
    """What a set of texts must be like."""

    texts: tuple[str, ...]
    longest_text: Rows
    repeated: Share
    better_longer: tuple[Share, Share] | None = None


class QualitySettings(Settings):
    """What each data set must be like."""

    psi: PsiSettings
    ibm_telco: TableQuality
    uci_bank: TableQuality
    oasst1: TextQuality
    preferences: TextQuality


class DataSettings(Settings):
    """The pipeline from raw files to splits."""

    seed: Count
    shares: SplitShares
    uci_bank: OfferSettings
    oasst1: ConversationSettings
    preferences: PreferenceSettings
    quality: QualitySettings
