"""How groups were treated so far: rates, cost and effect, on campaigns written out by hand or drawn."""

import numpy as np
import pytest

from churn_saver.config import FairColumn
from churn_saver.domain.action import Reason
from churn_saver.evidence.group_treatment import ColumnTreatment, column_treatment, told
from tests.logbooks import logbook
from tests.watched_campaigns import LAST_DAY, sound

HELD = int(Reason.HOLDOUT)
NOW = LAST_DAY + 1.0
"""The look of a drawn campaign, which started a day before its first decision."""


def wanted(**bounds: float) -> FairColumn:
    """Ask for a column."""
    return FairColumn(column="side", bound=0.05, **bounds)


def test_decisions_of_a_customer_are_one_row() -> None:
    """A: contacts with 0 and 10 %, 1.00 and 5.50 spent. B: held out. C: erased, and in no row."""
    log = logbook(
        [
            {"customer_id": "A", "choice": 1, "contact_spent_minor": 100},
            {"customer_id": "B", "reasons": HELD, "arm_probability": 0.2},
            {"customer_id": "C", "choice": 4, "features": None},
            {"customer_id": "A", "choice": 3, "contact_spent_minor": 100, "offer_spent_minor": 450},
        ]
    )

    found = told(log, 5.0)

    assert found.row.tolist() == [0, 1]
    assert found.contacted.tolist() == [True, False]
    assert found.offered.tolist() == [True, False]
    assert found.cost_minor.tolist() == [650, 0]
    assert found.held_out.tolist() == [False, True]


def test_a_message_without_discount_is_no_offer() -> None:
    """Choice 1 is a contact with 0 %."""
    assert told(logbook([{"choice": 1}]), 5.0).offered.tolist() == [False]


def test_the_score_of_the_effect_by_hand() -> None:
    """Treated by .8, stayed, risk .4: (1 − .6)/.8 = .5. Held out by .2, left: −(0 − .6)/.2 = 3. Else none."""
    log = logbook(
        [
            {"decided_at": 0.0, "arm_probability": 0.8, "retained_at": 30.0},
            {"decided_at": 0.0, "arm_probability": 0.2, "reasons": HELD, "churned_at": 1.0},
            {"decided_at": 0.0, "arm_probability": 0.8},
            {"decided_at": 0.0, "arm_probability": 1.0, "retained_at": 30.0},
        ]
    )

    score = told(log, 60.0).score

    assert score[:2].tolist() == pytest.approx([0.5, 3.0])
    assert np.isnan(score[2:]).all()


def test_rates_and_cost_are_of_who_could_be_contacted() -> None:
    """Of 40 and 40, a tenth held out of each: 36 customers a side, 18 against 9 contacts of 1.00."""
    rows: list[dict[str, object]] = []
    for contacts in (18, 9):
        contact: dict[str, object] = {"choice": 2, "contact_spent_minor": 100}
        rows += [contact] * contacts + [{}] * (36 - contacts)
        rows += [{"reasons": HELD, "arm_probability": 0.1}] * 4
    groups = ["left"] * 40 + ["right"] * 40

    found = column_treatment(told(logbook(rows), 5.0), groups, wanted(cost_bound=0.25), 0.1)

    rate, offers, cost = found.found
    assert found.customers == 72
    assert [figure.value.value for figure in rate.groups] == [0.5, 0.25]
    assert [figure.value.value for figure in offers.groups] == [0.5, 0.25]
    assert [figure.value.value for figure in cost.groups] == pytest.approx([4 / 3, 2 / 3])


@pytest.mark.parametrize(
    ("groups", "said"),
    [(["one"] * 40, "1 groups, wanted 2 to 20"), ([str(i) for i in range(40)], "40 groups, wanted 2 to 20")],
)
def test_columns_that_name_no_groups_are_said_to(groups: list[str], said: str) -> None:
    """One group cannot be compared, and as many as customers are no groups."""
    found = column_treatment(told(logbook([{}] * 40), 5.0), groups, wanted(), 0.1)

    assert found == ColumnTreatment("side", 40, (), (f"side: {said}",))


def test_nothing_spent_has_no_shares() -> None:
    """The rates are told all the same."""
    found = column_treatment(
        told(logbook([{"choice": 1}] * 80), 5.0), ["a", "b"] * 40, wanted(cost_bound=0.25), 0.1
    )

    assert [one.measure for one in found.found] == ["contact_rate", "offer_rate"]
    assert found.missing == ("cost_share: nothing was spent so far",)


def test_an_effect_needs_outcomes_and_both_arms_in_each_group() -> None:
    """Too early; without reports; and a group with hardly anybody held out."""
    log = sound(500, 1)
    side = ["a" if place % 2 else "b" for place in range(500)]
    early = column_treatment(told(log, 10.0), side, wanted(effect_bound=0.05), 0.1)
    silent = column_treatment(told(logbook([{"decided_at": 0.0}] * 80), 60.0), ["a", "b"] * 40,
                              wanted(effect_bound=0.05), 0.1)  # fmt: skip
    few = column_treatment(told(log, NOW), ["a"] * 480 + ["b"] * 20, wanted(effect_bound=0.05), 0.1)

    assert early.missing == ("effect: no outcome is due yet",)
    assert silent.missing == ("effect: 80 of 80 outcomes that are due are not known",)
    assert few.missing[0] == "effect of 'b': fewer than 30 known customers in an arm"
    assert "effect" not in {one.measure for one in few.found}


def test_the_effect_of_a_campaign_without_one_is_nought() -> None:
    """Six drawn campaigns of 900: nobody is kept by anything, and the intervals of both groups hold 0.

    Each pair of intervals misses with a chance of .05; of six more than two miss once in 450.
    """
    missed = 0
    for seed in range(6):
        log = sound(900, seed)
        side = ["a" if place % 2 else "b" for place in range(900)]
        effect = column_treatment(told(log, NOW), side, wanted(effect_bound=0.05), 0.1).found[-1]
        assert effect.measure == "effect"
        missed += not all(one.value.low <= 0 <= one.value.high for one in effect.groups)

    assert missed <= 2
