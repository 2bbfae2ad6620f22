"""What a model must reach before anything is written."""

from dataclasses import replace
from typing import Any

import pytest

from churn_saver.config import GateSettings
from churn_saver.errors import GateError
from churn_saver.tabular.intervals import Interval, Scores
from churn_saver.train.datasets import Source
from churn_saver.train.gates import gates_of, stop_if_failed
from churn_saver.train.report import ModelReport, ReferenceRow, ViewRow

WANTED = GateSettings(
    risk_auc=0.84, risk_ece=0.025, risk_view_ece=0.03, hold_out_auc=0.78, hold_out_ece=0.05, accept_auc=0.7,
    accept_ece=0.05, accept_bayes_gap=0.01, accept_regret=0.015,
)  # fmt: skip


def sure(value: float) -> Interval:
    """Give a figure without doubt."""
    return Interval(value, value, value)


def scored(auc: float, ece: float) -> Scores:
    """Give scores of which two matter here."""
    return Scores(100, sure(auc), sure(ece), sure(ece), sure(0.1), sure(0.4), 0.01)


def beside(name: str, low: float, high: float) -> ReferenceRow:
    """Give a reference that the model beats by low to high in log loss."""
    return ReferenceRow(name, "hold-out", scored(0.5, 0), Interval((low + high) / 2, low, high), sure(0.1))


def report(name: str = "risk", telco: bool = True, **changes: Any) -> ModelReport:
    """Give a model that passes everything but for the changes."""
    plain = ModelReport(
        name=name, source=Source("company", "x.csv", "", telco), rows=100, positives=30, hold_out_rows=10,
        features=(), recipe={}, out_of_fold=scored(0.845, 0.02), hold_out=scored(0.8, 0.04),
        views=(ViewRow("retain", (), scored(0.8, 0.029)),),
        references=(beside("prevalence", 0.1, 0.2), beside("classic", -1, -0.5)),
        roc=(), reliability=(), ladder=None, warnings=(), assumptions=(),
    )  # fmt: skip
    return replace(plain, **changes)


def failed(model: ModelReport) -> list[str]:
    """Name the gates that a model fails."""
    return [gate.name for gate in gates_of(model, WANTED) if not gate.passed]


def test_a_good_model_of_the_public_table_passes_absolute_gates() -> None:
    """Five of them, the limits included, and no relative one."""
    gates = gates_of(report(out_of_fold=scored(0.84, 0.025)), WANTED)

    assert [gate.name for gate in gates] == [
        "out-of-fold AUC", "out-of-fold ECE", "ECE on retain's fields", "hold-out AUC", "hold-out ECE",
    ]  # fmt: skip
    assert all(gate.passed for gate in gates)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"out_of_fold": scored(0.8399, 0.02)}, "out-of-fold AUC"),
        ({"out_of_fold": scored(0.845, 0.0251)}, "out-of-fold ECE"),
        ({"views": (ViewRow("retain", (), scored(0.8, 0.031)),)}, "ECE on retain's fields"),
        ({"hold_out": scored(0.77, 0.04)}, "hold-out AUC"),
        ({"hold_out": scored(0.8, 0.06)}, "hold-out ECE"),
    ],
)
def test_each_absolute_gate_can_fail(changes: dict[str, Any], name: str) -> None:
    """One figure beyond its limit fails one gate."""
    assert failed(report(**changes)) == [name]


def test_without_a_hold_out_only_the_rest_counts() -> None:
    """A tiny table has too few rows held out to score."""
    assert len(gates_of(report(hold_out=None), WANTED)) == 3


def test_any_other_table_is_compared_with_a_constant_only() -> None:
    """However low its AUC: the ceiling of that table is not known."""
    model = report(telco=False, out_of_fold=scored(0.6, 0.2))

    assert failed(model) == []
    assert len(gates_of(model, WANTED)) == 1
    assert failed(report("accept", telco=True)) == []


def test_a_model_must_beat_the_constant_beyond_chance() -> None:
    """An interval that holds 0 is not enough."""
    model = report("accept", references=(beside("prevalence", -0.001, 0.2),))

    assert failed(model) == ["gain in log loss over the prevalence constant"]


@pytest.mark.parametrize(
    ("low", "high", "passes"), [(0.1, 0.2, True), (0, 0, True), (-0.3, 0.01, True), (-0.3, -0.01, False)]
)
def test_a_model_must_not_be_worse_than_the_one_in_service(low: float, high: float, passes: bool) -> None:
    """The same model trained again gains exactly 0 and passes; one that is worse beyond chance does not."""
    model = report(telco=False, references=(beside("in service", low, high),))

    assert (failed(model) == []) is passes


def test_all_failed_gates_are_listed_with_value_and_want() -> None:
    """And that nothing was written, and what to check."""
    gates = gates_of(report(out_of_fold=scored(0.5, 0.2)), WANTED)

    with pytest.raises(GateError, match="2 of 5 gates failed, nothing was written") as caught:
        stop_if_failed(gates)

    assert "risk: out-of-fold AUC is 0.5000, wanted at least 0.84" in str(caught.value)
    assert "risk: out-of-fold ECE is 0.2000, wanted at most 0.025" in str(caught.value)
    assert "tabular.yaml" in str(caught.value)


def test_passed_gates_stop_nothing() -> None:
    """Nothing is raised, and there was something to pass."""
    gates = gates_of(report(), WANTED)

    stop_if_failed(gates)

    assert len(gates) > 3
    assert all(gate.passed for gate in gates)
