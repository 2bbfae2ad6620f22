"""watch.yaml: what is compared with what, and what is called off."""

from typing import Any

import pytest
import yaml

from churn_saver.config import WatchSettings, parse
from churn_saver.errors import ConfigError
from tests.tiny_configs import CONFIGS

WATCH = (CONFIGS / "watch.yaml").read_text(encoding="utf-8")


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(WATCH) | changes)


def test_the_shipped_file_watches_who_people_are() -> None:
    """The four columns that are no inputs by default, each with a bound of its own."""
    settings = parse(WatchSettings, WATCH, "watch.yaml")

    assert [one.column for one in settings.fairness] == ["gender", "senior_citizen", "partner", "dependents"]
    assert (settings.reference_from_day, settings.reference_to_day, settings.window_days) == (0, 14, 14)


def test_a_column_needs_no_more_than_its_bound() -> None:
    """Cost and effect are left out where nobody says how much is let pass."""
    settings = parse(WatchSettings, changed(fairness=[{"column": "region", "bound": 0.1}]), "watch.yaml")

    assert (settings.fairness[0].cost_bound, settings.fairness[0].effect_bound) == (None, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reference_to_day": 0}, r"reference_to_day is 0"),
        ({"reference_from_day": 14}, r"reference_from_day 14 must lie before reference_to_day 14"),
        ({"psi": 0}, r"psi is 0"),
        ({"fairness": [{"column": "a", "bound": 0.1}] * 2}, r"fairness names a more than once"),
        ({"fairness": [{"column": "a", "bound": 2}]}, r"fairness\.0\.bound is 2"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], said: str) -> None:
    """With the name of the setting, and what was wanted."""
    with pytest.raises(ConfigError, match=said):
        parse(WatchSettings, changed(**changes), "watch.yaml")
