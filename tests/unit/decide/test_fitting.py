"""Within the budget: who goes without."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.decide.fitting import overspending
from churn_saver.domain.action import Reason
from churn_saver.journey import Appraisal, appraise
from churn_saver.journey.chosen import Chosen, certain
from tests.builders import campaign, customers, predictors, rules, situation

RULES = rules()
OUT = int(Reason.BUDGET)


def wanting(choices: list[int]) -> Chosen:
    """Want these."""
    return certain(np.array(choices, dtype=np.int8), np.full(len(choices), 2_048), "it")


def part(risks: list[float], **changes: object) -> Appraisal:
    """Appraise customers of one bill, 89.99: contact 1.00, offers 4.50, 9.00 and 13.50 on top."""
    n = len(risks)
    where = situation(n, free_minor=10**9, campaign=campaign(**changes))
    return appraise(customers(n, churn_risk=np.array(risks)), where, predictors(), RULES)


def test_the_least_worth_goes_without() -> None:
    """Four times 14.50, and 30.00 are there: those at risk .3 and .5 gain more by it."""
    appraisal = part([0.02, 0.5, 0.05, 0.3])
    assert appraisal.values is not None
    order = np.argsort(-appraisal.values.gain[:, 4]).tolist()

    (flags,) = overspending([appraisal], [wanting([4, 4, 4, 4])], 3_000)

    assert order[:2] == [1, 3]
    assert flags.tolist() == [OUT, 0, OUT, 0]


def test_worth_is_counted_by_unit_of_money_over_all_parts() -> None:
    """A plain message of 1.00 in another part goes before a dearer offer that gains less per unit."""
    first, second = part([0.6]), part([0.6])
    assert first.values is not None
    gain = first.values.gain[0]
    cheap_first = gain[1] / 100 > gain[4] / 1_450

    dear, plain = overspending([first, second], [wanting([4]), wanting([1])], 1_450)

    assert (dear.tolist(), plain.tolist()) == (([OUT], [0]) if cheap_first else ([0], [OUT]))


def test_what_fits_is_left_as_it_is() -> None:
    """To the last cent, parts of nobody too."""
    parts = [part([0.6, 0.2]), part([]), part([0.4])]
    chosen = [wanting([4, 0]), wanting([]), wanting([1])]

    whole = overspending(parts, chosen, 1_550)
    less = overspending(parts, chosen, 1_549)

    assert [flags.tolist() for flags in whole] == [[0, 0], [], [0]]
    assert sum(flags.sum() for flags in less) == OUT
    assert overspending([], [], 0) == []


def test_without_worths_the_order_is_the_tables() -> None:
    """Two of three plain messages fit."""
    blind = replace(part([0.6, 0.6, 0.6]), values=None)

    assert [f.tolist() for f in overspending([blind], [wanting([1, 1, 1])], 200)] == [[0, 0, OUT]]


def test_the_holdout_takes_no_money() -> None:
    """Whatever is wanted for it."""
    held = part([0.6, 0.6], holdout_share=1.0)

    assert [f.tolist() for f in overspending([held], [wanting([4, 4])], 0)] == [[0, 0]]


@pytest.mark.parametrize("cut", [0, 7, 20])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_budget_holds_and_no_one_withheld_is_worth_more(cut: int, seed: int) -> None:
    """Any wish and any limit, the table cut anywhere: same customers out, all of less worth per unit."""
    rng = np.random.default_rng(seed)
    whole = part(rng.random(20).tolist())
    assert whole.values is not None
    wanted, limit = rng.integers(0, 5, 20).astype(np.int8), int(rng.integers(0, 20_000))
    pieces, wishes = [], []
    for rows in np.split(np.arange(20), [cut]):
        piece = replace(whole.situation, history=whole.situation.history.take(rows))
        pieces.append(appraise(whole.customers.take(rows), piece, predictors(), RULES))
        wishes.append(wanting(wanted[rows].tolist()))

    out = np.concatenate(overspending(pieces, wishes, limit)) != 0

    rows = np.arange(20)
    needs = whole.costs_minor[rows, wanted]
    worth = whole.values.gain[rows, wanted] / np.maximum(needs, 1)
    kept = (needs > 0) & ~out
    assert int(needs[~out].sum()) <= limit
    assert not out[needs == 0].any()
    if out.any() and kept.any():
        assert worth[out].max() <= worth[kept].min()
