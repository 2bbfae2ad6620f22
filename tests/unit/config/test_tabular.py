"""tabular.yaml: churn risk and offer acceptance."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from churn_saver.config import TabularSettings, parse
from churn_saver.errors import ConfigError

TABULAR = (Path(__file__).parents[3] / "ops" / "configs" / "tabular.yaml").read_text()


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(TABULAR) | changes)


def test_the_hold_out_is_the_share_and_seed_that_the_documents_name() -> None:
    """A tenth of the customers, by seed 42."""
    settings = parse(TabularSettings, TABULAR, "tabular.yaml")

    assert (settings.seed, settings.hold_out_share) == (42, 0.1)


def test_a_preset_that_nobody_knows_is_refused() -> None:
    """The message lists the known ones."""
    with pytest.raises(ConfigError, match=r"preset is 'deep'.*'shallow' or 'classic'"):
        parse(TabularSettings, changed(preset="deep"), "tabular.yaml")
