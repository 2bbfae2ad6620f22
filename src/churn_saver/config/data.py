"""ops/configs/data.yaml: how the public data is split, mixed and judged."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import Count, NotNegative, Positive, Settings, Share

DatasetName = Literal["ibm_telco", "uci_bank", "oasst1", "preferences"]
Rows = Annotated[int, Field(ge=1)]


class SplitShares(Settings):
    """Shares of the splits; together 1."""

    train: Share
    valid: Share
    test: Share

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
    mix: dict[Literal["hh_rlhf", "shp2"], Positive]
    """Wanted share of each source; they need not sum to 1."""
    least_score_ratio: NotNegative
    """SHP-2: how many times the votes the better answer must have."""


class DataSettings(Settings):
    """The pipeline from raw files to splits."""

    seed: Count
    shares: SplitShares
    uci_bank: OfferSettings
    oasst1: ConversationSettings
    preferences: PreferenceSettings
