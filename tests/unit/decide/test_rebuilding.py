"""What a decision was made on, out of its record."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_saver.errors import ArtifactError, Erased
from tests.builders import NOON, customers
from tests.explaining import decided, premises, tiny_engine
from tests.tiny_predictors import tiny_predictors


def test_the_moment_the_inputs_and_the_price_come_back(tmp_path: Path) -> None:
    """As they were handed in; who writes live is left out."""
    with tiny_engine(tmp_path, price=0.25) as engine:
        writing = replace(engine, rules=replace(engine.rules, live=lambda _: None))
        found = premises(writing, decided(engine))

    assert found.situation.now == NOON
    assert found.price == 0.25
    assert found.customers.fields["tenure_months"].tolist() == [12.0]
    assert found.customers.bill_minor.tolist() == [8_999]
    assert (found.rules.live, found.withheld.tolist()) == (None, [0])


def test_gates_and_history_come_back(tmp_path: Path) -> None:
    """The second decision, three days later, knew of the first: it was the one contact."""
    with tiny_engine(tmp_path) as engine:
        decided(engine)
        found = premises(engine, decided(engine, now=NOON + timedelta(days=3)))

    assert found.gates.allowed.tolist() == [[True, False, False, False, False]]
    assert found.gates.days_since_contact.tolist() == [3.0]
    assert (found.gates.fatigue.tolist(), found.situation.history.decisions_made.tolist()) == ([1.0], [1])


def test_rows_are_decided_as_the_one_row_is(tmp_path: Path) -> None:
    """The same premises three times give three times the recorded choice."""
    with tiny_engine(tmp_path) as engine:
        name = decided(engine)
        record = engine.store.decision(name)
        table = premises(engine, name).take(np.zeros(3, dtype=np.int64))
    appraisal = table.appraised()

    assert table.wanted(appraisal).choice.tolist() == [record.choice] * 3
    assert table.own_choice(appraisal).choice.tolist() == [record.intended] * 3
    assert table.proposed(table.wanted(appraisal), appraisal, 0.0).texts == [record.message] * 3


def test_what_is_gone_or_not_at_hand_is_said(tmp_path: Path) -> None:
    """Each by an error of its own."""
    with tiny_engine(tmp_path) as engine:
        name = decided(engine, customers(ids=["gone"]))
        newer = replace(engine, predictors=tiny_predictors("newer"))
        with pytest.raises(ArtifactError, match=r"predictors tiny \(here newer\)"):
            premises(newer, name)
        engine.store.erase("gone", NOON)
        with pytest.raises(Erased, match=r"cannot be made again: its customer was erased"):
            premises(engine, name)
