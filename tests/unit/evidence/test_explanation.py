"""What an explanation holds: the largest parts of a score, and which change is named first."""

import pytest

from churn_saver.evidence.explanation import Change, Kind, Share, given_score, score_of
from tests.explanations import explanation


def test_the_five_largest_parts_are_named_and_the_others_added_up() -> None:
    """By size, whatever the sign: of 1, −2, 3, −4, 5, −6 the 1 is the rest."""
    parts = [Share(f"p{size}", None, size * (-1.0) ** (size + 1)) for size in range(1, 7)]
    found = score_of("churn_risk", 0.5, 0.25, 3.25, parts)

    assert [one.log_odds for one in found.shares] == [-6.0, 5.0, -4.0, 3.0, -2.0]
    assert found.rest == 1.0
    assert found.base + sum(one.log_odds for one in found.shares) + found.rest == found.margin


def test_a_score_that_was_sent_has_no_parts() -> None:
    """Nobody here knows what it is made of."""
    found = given_score("churn_risk", 0.4)

    assert (found.margin, found.shares, found.probability) == (None, (), 0.4)


def change(kind: Kind, size: float) -> Change:
    """Give a change to a contact with 10 %."""
    return Change(kind, "what", 1.0, 2.0, size, 3)


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ([change(Kind.PRICE, 0.2), change(Kind.INPUT, 0.1)], Kind.INPUT),
        ([change(Kind.INPUT, 0.1), change(Kind.GATES, 0.0), change(Kind.WAITING, 0.0)], Kind.WAITING),
        ([change(Kind.DRAW, 0.0), change(Kind.HOLDOUT, 0.0)], Kind.HOLDOUT),
    ],
)
def test_what_stands_beside_all_worth_is_named_first(changes: list[Change], first: Kind) -> None:
    """Then the smallest."""
    found = explanation(changes=tuple(changes)).headline

    assert found is not None
    assert found.kind is first


def test_without_a_change_there_is_none_to_name() -> None:
    """Where nothing was found that changes anything."""
    assert explanation(changes=()).headline is None
