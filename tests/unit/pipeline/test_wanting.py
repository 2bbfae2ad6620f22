"""What is wanted of each data set."""

import pytest

from churn_saver.pipeline.run import SOURCES
from churn_saver.pipeline.wanting import wanted_of
from tests.public_data import data_settings


def test_a_table_is_wanted_as_data_yaml_says() -> None:
    """Rows, label and its range, ids once, and where values may be missing."""
    wanted = wanted_of("uci_bank", data_settings({}), full=True)

    assert (wanted.rows, wanted.id_column, wanted.unique_ids) == (41_188, "customer_id", True)
    assert (wanted.label, wanted.label_share) == ("accepted_base", (0.08, 0.15))
    assert wanted.missing == {"pdays": 0.98}
    assert (wanted.prompt, wanted.texts, wanted.preference) == (None, (), None)


def test_documented_rows_hold_for_the_full_set_alone() -> None:
    """A sample has as many rows as it has."""
    assert wanted_of("ibm_telco", data_settings({}), full=True).rows == 7_032
    assert wanted_of("ibm_telco", data_settings({}), full=False).rows is None
    assert wanted_of("oasst1", data_settings({}), full=True).rows is None


def test_texts_are_wanted_by_conversation_and_prompt() -> None:
    """Only preferences have a better and a worse text."""
    oasst1, preferences = (wanted_of(name, data_settings({}), True) for name in ("oasst1", "preferences"))

    assert (oasst1.prompt, oasst1.id_column, oasst1.unique_ids) == ("prompt", "conversation_id", False)
    assert oasst1.texts == ("prompt", "response")
    assert (oasst1.preference, oasst1.better_longer) == (None, (0.0, 1.0))
    assert (preferences.preference, preferences.better_longer) == (("chosen", "rejected"), (0.35, 0.7))
    assert (oasst1.repeated, preferences.longest_text) == (0.005, 100_000)


@pytest.mark.parametrize("name", SOURCES)
def test_shares_and_limits_of_drift_hold_for_all(name: str) -> None:
    """Changed in data.yaml, changed in the checks."""
    changes = {"shares": {"train": 0.5, "valid": 0.2, "test": 0.3}, "quality.psi": {"note": 0.2, "fail": 0.4}}

    wanted = wanted_of(name, data_settings(changes), True)

    assert wanted.shares == {"train": 0.5, "valid": 0.2, "test": 0.3}
    assert (wanted.psi_note, wanted.psi_fail) == (0.2, 0.4)
