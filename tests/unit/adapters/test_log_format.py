"""Which column of a log is what."""

import pytest

from churn_saver.adapters.log_format import layout_of, log_table
from churn_saver.errors import InputError

NAMES = ("Customer ID", "arm", "reward", "age", "visits")


def test_documented_names_are_known_in_any_spelling_and_the_rest_was_known_before() -> None:
    """Required ones stand there even if the file lacks them: its reader names them."""
    found = layout_of(NAMES, {}, None)

    assert found.documented == ("arm", "reward", "customer_id")
    assert (found.features, found.unused) == (("age", "visits"), ())


def test_a_mapped_column_is_no_feature_and_the_one_it_replaces_is_not_used() -> None:
    """The file's own `arm` is something else."""
    found = layout_of((*NAMES, "treatment"), {"arm": "treatment"}, None)

    assert found.features == ("age", "visits")
    assert found.unused == ("arm",)


def test_features_can_be_chosen() -> None:
    """The others are not used."""
    found = layout_of(NAMES, {}, ["visits"])

    assert (found.features, found.unused) == (("visits",), ("age",))


def test_a_feature_that_is_none_is_refused() -> None:
    """What came of a decision was not known before it."""
    with pytest.raises(InputError, match=r"--features names 'reward', wanted .* before: age, visits"):
        layout_of(NAMES, {}, ["age", "reward"])


def test_a_name_that_the_format_does_not_have_is_refused() -> None:
    """With the names that it has."""
    with pytest.raises(InputError, match=r"the mapping names 'outcome', wanted one of: arm, reward"):
        layout_of(NAMES, {"outcome": "visits"}, None)


def test_a_campaign_cannot_be_compared_with_nothing() -> None:
    """The file names none."""
    layout = layout_of(NAMES, {}, None)

    assert log_table(layout, None).rules == ()
    with pytest.raises(InputError, match=r"--campaign is 'spring', but the log has no column campaign_id"):
        log_table(layout, "spring")


def test_rules_hold_where_their_columns_are() -> None:
    """Both moments are needed to compare them."""
    names = (*NAMES, "decided_at", "campaign_id")
    with_campaign = log_table(layout_of(names, {}, None), "spring")
    with_both = log_table(layout_of((*names, "outcome_at", "allowed"), {}, None), None)

    assert [rule.column for rule in with_campaign.rules] == ["campaign_id"]
    assert [rule.column for rule in with_both.rules] == ["allowed", "outcome_at"]
