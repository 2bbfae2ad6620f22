"""Policies asked again about recorded decisions: the one that decided answers as it did."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from churn_saver.decide import Engine, decide_now
from churn_saver.decide.asking_again import asked_again
from churn_saver.domain.customer import Customers
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.logged import Floats
from churn_saver.journey import Decider, Seat, seated
from tests.builders import NOON, predictors, rules
from tests.deciding import varied
from tests.logbooks import logbook
from tests.trained import eager, served

Opening = Callable[..., Engine]


def decided(engine: Engine, n: int = 16) -> Logbook:
    """Decide for each customer on three days, and read the books."""
    table = varied(n)
    for day in (0, 3, 9):
        for row in range(n):
            decide_now(one_of(table, row), engine, NOON + timedelta(days=day))
    return engine.store.logbook("spring")


def one_of(table: Customers, row: int) -> Customers:
    """Give one row of a table."""
    return table.take(np.array([row]))


def deciding(engine: Engine, decider: Decider) -> Engine:
    """Let somebody else decide, by thresholds that some customers are above."""
    plain = rules(risk_threshold=0.2, risk_value_threshold=15.0)
    return replace(engine, rules=replace(plain, decider=decider))


def seat_of(engine: Engine, book: Logbook) -> Seat:
    """Seat who decides in the campaign."""
    return seated(engine.rules, book.campaign, engine.predictors)


def asked(engine: Engine, book: Logbook, share: float = 0.0) -> tuple[Floats, Floats]:
    """Ask an engine's policy about all decisions; gives all probabilities and those of what was intended."""
    rows = np.arange(len(book))
    found = asked_again(book, rows, seat_of(engine, book), predictors(), share)
    return found, found[rows, book.intended]


@pytest.mark.parametrize("rung", ["knapsack", "greedy", "risk_value", "propensity_rule", "never"])
def test_a_rung_that_draws_nothing_is_certain_of_what_it_did(engine_with: Opening, rung: str) -> None:
    """Later contacts of the same customers included, whose gates have closed meanwhile."""
    engine = deciding(engine_with(), Decider(rung))
    book = decided(engine)
    found, own = asked(engine, book)

    np.testing.assert_array_equal(own, np.ones(48))
    np.testing.assert_array_equal(found.sum(axis=1), np.ones(48))
    assert rung == "never" or 0 < (book.intended > 0).sum() < 48


@pytest.mark.parametrize("rung", ["knapsack", "random"])
def test_what_explored_has_the_probabilities_that_were_recorded(engine_with: Opening, rung: str) -> None:
    """To the bit, of a rung that draws too; and closed choices have none."""
    engine = deciding(engine_with(exploration_share=0.5), Decider(rung))
    book = decided(engine)
    found, own = asked(engine, book, share=0.5)

    np.testing.assert_array_equal(own, book.probability)
    assert (found[book.excluded != 0] == 0).all()
    assert len(set(book.probability.tolist())) > 2


def test_a_trained_policy_answers_as_it_did(engine_with: Opening) -> None:
    """At its own price, on what it sees of each day."""
    decider = Decider("ppo_price", replace(eager(served("full_price", 1)), version="0123456789abcdef"))
    engine = deciding(engine_with(limit_minor=800_000), decider)
    book = decided(engine)

    np.testing.assert_array_equal(asked(engine, book)[1], np.ones(48))
    assert (book.intended > 0).any()


def test_a_price_on_another_scale_is_not_taken(engine_with: Opening) -> None:
    """What a trained policy recorded says nothing to the knapsack: it takes the campaign's, here 0."""
    engine = engine_with()
    book = decided(engine)
    foreign = replace(
        book,
        policies=["ppo_price@0123456789abcdef"] * len(book),
        features=[str(told).replace('"price": 0.0', '"price": 99.0') for told in book.features],
    )

    np.testing.assert_array_equal(asked(engine, foreign)[0], asked(engine, book)[0])
    own = replace(foreign, policies=book.policies)
    assert asked(engine, own)[0][:, 0].all()


def test_some_rows_are_asked_about_in_their_order(engine_with: Opening) -> None:
    """Each answer is that of the row alone."""
    engine = engine_with()
    book = decided(engine, 6)
    rows = np.array([1, 5, 8, 17])
    seat = seat_of(engine, book)

    np.testing.assert_array_equal(
        asked_again(book, rows, seat, predictors()), asked(engine, book)[0][rows]
    )  # fmt: skip


def test_an_erased_customer_cannot_be_asked_about(engine_with: Opening) -> None:
    """The message names the decision."""
    book = logbook([{"features": None}])

    with pytest.raises(InputError, match=r"decision '0+' cannot be asked about again: its customer was"):
        asked_again(book, np.array([0]), seat_of(engine_with(), book), predictors())
