"""The usual risk is the median of the last hundred scores, for one customer as for many."""

import numpy as np
from sqlalchemy import event

from churn_saver.store import Store
from churn_saver.store.database import connect
from churn_saver.store.history import read
from churn_saver.store.scores import MOST
from tests.builders import NOON
from tests.unit.store.batches import silence


def scored(store: Store, customer_id: str, risks: list[float]) -> None:
    """Decide on a customer once for each score, in a campaign."""
    for number, risk in enumerate(risks):
        store.settle("spring", silence([customer_id], number, churn_risk=np.array([risk])), NOON)


def test_scores_before_the_last_hundred_do_not_count(store: Store) -> None:
    """2 of 0.9, then 99 of 0.1 and one of 0.5, of nobody else: with 0.9 dropped the median is 0.1."""
    scored(store, "A", [0.9, 0.9, 0.5, *[0.1] * 49, *[0.3] * 50])
    scored(store, "B", [0.2, 0.6])
    one = store.read("spring", ["A"], NOON).history.usual_risk
    many = store.read("spring", ["B", "A", "C"], NOON).history.usual_risk

    # Of the last 100, 49 are 0.1, 50 are 0.3, one is 0.5: the 50th and 51st are 0.3.
    np.testing.assert_allclose(one, [0.3])
    np.testing.assert_allclose(many, [0.4, 0.3, np.nan])


def test_all_hundred_and_two_would_have_another_median(store: Store) -> None:
    """51 low ones first: of 151 scores the median is low, of the last 100 it is high."""
    scored(store, "A", [0.1] * 76 + [0.9] * 75)

    np.testing.assert_allclose(store.read("spring", ["A"], NOON).history.usual_risk, [0.9])
    np.testing.assert_allclose(store.read("spring", ["A", "B"], NOON).history.usual_risk, [0.9, np.nan])


def test_of_one_customer_no_more_rows_are_read(store: Store, url: str) -> None:
    """However many decisions there are: the query itself asks for a hundred."""
    scored(store, "A", [0.5])
    asked: list[str] = []
    database = connect(url, create=False)
    event.listen(database.engine, "before_cursor_execute", lambda *found: asked.append(str(found[2])))
    with database.reading() as connection:
        read(connection, "spring", ["A"], NOON)
    database.close()

    (scores,) = [statement for statement in asked if "churn_risk IS NOT NULL" in statement]
    assert "LIMIT" in scores
    assert MOST == 100
