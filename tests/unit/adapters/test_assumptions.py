"""Assumptions read from a settings file."""

from pathlib import Path

import pytest
import yaml

from churn_saver.adapters.assumptions import Assumption, assumptions
from churn_saver.errors import ConfigError

TEXT = """# The portfolio.
horizon_days: 90   # days; assumed
cost: 1.00 # units
bare: x
days: [8, 16] # days, assumed
levels:            # logit shifts; assumed
  calm: -0.8
  usual: 0.0       # by definition
rows:
  - [0.5, 0.5]
  - [0.0, 1.0]
"""


def test_each_setting_keeps_its_value_and_comment() -> None:
    """Numbers stay as written, lists are one line, an inner line falls back on its section's comment."""
    assert assumptions(TEXT, "env.yaml") == (
        Assumption("horizon_days", "90", "days; assumed"),
        Assumption("cost", "1.00", "units"),
        Assumption("bare", "x", ""),
        Assumption("days", "8, 16", "days, assumed"),
        Assumption("levels.calm", "-0.8", "logit shifts; assumed"),
        Assumption("levels.usual", "0.0", "by definition"),
        Assumption("rows", "0.5, 0.5; 0.0, 1.0", ""),
    )


def test_assumed_is_what_the_file_calls_so() -> None:
    """The word stands in the comment or it does not."""
    first, second = assumptions(TEXT, "env.yaml")[:2]

    assert first.is_assumed
    assert not second.is_assumed


def test_the_shipped_file_names_every_setting() -> None:
    """Nothing of env.yaml is left out, and every line says what it is."""
    text = (Path(__file__).parents[3] / "ops" / "configs" / "env.yaml").read_text(encoding="utf-8")
    found = assumptions(text, "env.yaml")

    assert {entry.name.split(".")[0] for entry in found} == set(yaml.safe_load(text))
    assert all(entry.comment for entry in found)


@pytest.mark.parametrize(
    ("text", "match"),
    [("a: [", "env.yaml is not YAML"), ("- 1", "env.yaml holds list, wanted 'name: value'")],
)
def test_what_is_no_mapping_is_refused(text: str, match: str) -> None:
    """The file is named with what it holds."""
    with pytest.raises(ConfigError, match=match):
        assumptions(text, "env.yaml")
