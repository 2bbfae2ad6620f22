"""The fairness gate: open by evidence, or in writing."""

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.fairness import Fairness, Treated, fairness
from churn_saver.evidence.fairness_gate import fairness_gate


def rates(customers: int, contacts: tuple[int, int]) -> list[tuple[str, Fairness]]:
    """Give the contact rates of two groups of so many customers, with a bound of .05."""
    contacted = np.concatenate([np.arange(customers) < one for one in contacts])
    nothing = np.zeros(2 * customers, dtype=np.bool_)
    rows = Treated(contacted, nothing, nothing.astype(np.int64))
    groups = ["a"] * customers + ["b"] * customers
    (found,) = fairness(np.arange(2 * customers), groups, rows, {"contact_rate": 0.05})
    return [("side: contact rate", found)]


def test_groups_within_their_bounds_open_it() -> None:
    """Ten thousand a side, three in ten each."""
    gate = fairness_gate(rates(10_000, (3_000, 3_000)), [])

    assert (gate.outcome, gate.is_open) == ("within bounds", True)
    assert gate.sentence == "No group is treated worse than its bound."


def test_a_group_that_is_worse_closes_it_by_name() -> None:
    """Five in ten against three in ten."""
    gate = fairness_gate(rates(1_000, (500, 300)), [])

    assert (gate.outcome, gate.is_open) == ("worse than bounds", False)
    assert gate.worse == ("side: contact rate of b",)
    assert gate.sentence == "Worse than the bound: side: contact rate of b."


@pytest.mark.parametrize(
    ("found", "missing", "said"),
    [
        (rates(100, (30, 30)), [], "side: contact rate of a"),
        (rates(10, (3, 3)), [], "side: contact rate of a"),
        (rates(10_000, (3_000, 3_000)), ["effect: no outcome is due yet"], "no outcome is due"),
        (rates(10_000, (3_000, 3_000)), ["region: not found"], "region: not found"),
        ([], [], "no column was named"),
    ],
)
def test_what_nobody_can_tell_does_not_open_it(
    found: list[tuple[str, Fairness]], missing: list[str], said: str
) -> None:
    """Few customers, no figure, a column that is not there, or none at all: silence is no pass."""
    gate = fairness_gate(found, missing)

    assert (gate.outcome, gate.is_open) == ("cannot tell", False)
    assert said in gate.sentence


def test_worse_wins_over_unknown() -> None:
    """Evidence against a group is not hidden by what is not known of others."""
    gate = fairness_gate(rates(1_000, (500, 300)), ["region: not found"])

    assert gate.outcome == "worse than bounds"
    assert gate.unknown == ("region: not found",)


def test_an_override_opens_it_and_stands_in_the_sentence() -> None:
    """Whoever reads the report reads who decided, and why; the figures stay as they are."""
    why = "Legal agreed on 3 March: women are served by another channel. J. Doe"

    gate = fairness_gate(rates(1_000, (500, 300)), [], f" {why}\n")

    assert (gate.outcome, gate.is_open, gate.override) == ("worse than bounds", True, why)
    assert gate.sentence == f"Worse than the bound: side: contact rate of b. Overridden: {why}"


@pytest.mark.parametrize("why", ["", "  ", "yes please"])
def test_an_override_that_says_nothing_is_refused(why: str) -> None:
    """It is read by somebody who was not there."""
    with pytest.raises(InputError, match="wanted the reason and who decided, in 3 words at least"):
        fairness_gate(rates(100, (30, 30)), [], why)
