"""data.yaml: how the public data is split, mixed and judged."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from churn_saver.config import DataSettings, TabularSettings, parse
from churn_saver.errors import ConfigError

DATA = (Path(__file__).parents[3] / "ops" / "configs" / "data.yaml").read_text()


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(DATA) | changes)


def test_the_splits_are_the_documented_ones_and_the_hold_out_of_training() -> None:
    """80, 10 and 10 in 100 by seed 42; the test share and seed are those of tabular.yaml."""
    data = parse(DataSettings, DATA, "data.yaml")
    text = (Path(__file__).parents[3] / "ops" / "configs" / "tabular.yaml").read_text()
    tabular = parse(TabularSettings, text, "tabular.yaml")

    assert data.shares.model_dump() == {"train": 0.8, "valid": 0.1, "test": 0.1}
    assert (data.seed, data.shares.test) == (42, 0.1) == (tabular.seed, tabular.hold_out_share)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(shares={"train": 0.8, "valid": 0.1, "test": 0.2}), r"sum to 1\.1, wanted 1"),
        (changed(shares={"train": 1.0, "valid": 0, "test": 0}), r"shares\.valid is 0"),
        (changed(uci_bank={"logging": "random"}), r"uci_bank\.logging is 'random'"),
        (changed(oasst1={"language": "English", "keep_synthetic": True}), r"oasst1\.language is 'English'"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    """The message names what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        parse(DataSettings, text, "data.yaml")
