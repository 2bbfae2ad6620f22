"""What is told of an evaluation, and its plain values."""

import json
from dataclasses import replace

import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.evaluation_report import CAUTIONS, ESTIMATORS, Evaluation, figure, interval
from churn_saver.evidence.clusters import Estimate
from churn_saver.evidence.estimators import Caution
from tests.evaluations import evaluation


def apart(low: float, high: float) -> Evaluation:
    """Give an evaluation whose difference has these ends."""
    found = evaluation()
    assert found.difference is not None
    middle = Estimate((low + high) / 2, 0.1, low, high, 10.0)
    return replace(found, difference=replace(found.difference, dr=middle))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.5, ", more than logged: +0.300 (95\N{NO-BREAK SPACE}%: +0.100 to +0.500)."),
        (-0.5, -0.1, ", less than logged: −0.300"),
        (-0.1, 0.5, "; the log cannot tell it from logged: +0.200"),
        (0.0, 0.5, "; the log cannot tell it from logged: +0.250"),
    ],
)
def test_the_headline_says_what_the_interval_allows(low: float, high: float, said: str) -> None:
    """More or less only where the whole interval is."""
    assert said in apart(low, high).headline


def test_without_another_policy_there_is_a_value_alone() -> None:
    """And one valuation."""
    found = evaluation(against=False)

    assert found.headline == f"file:p.csv would have earned {interval(found.value.dr)} a decision."
    assert [name for name, _ in found.told] == ["file:p.csv"]
    assert [name for name, _ in evaluation().told] == ["file:p.csv", "logged", "difference"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.71234, "0.712"), (12.3456, "12.35"), (1234567.0, "1,234,567"), (-0.5, "−0.500")],
)
def test_a_figure_has_as_many_digits_as_help(value: float, shown: str) -> None:
    """A sign where it is a difference."""
    assert figure(value) == shown
    assert figure(abs(value), signed=True).startswith("+")


def test_plain_values_are_json_and_hold_every_figure() -> None:
    """What there is none of is null: the weight of an arm that nobody wants."""
    plain = json.loads(canonical(evaluation(clip=2.0).to_dict()))

    assert plain["left_out"][1] == {"why": "younger than 30 days", "decisions": 3400}
    assert set(plain["value"]["estimates"]) == set(ESTIMATORS)
    assert plain["value"]["estimates"]["dr"]["value"] == evaluation(clip=2.0).value.dr.value
    assert plain["value"]["weights"][0]["overlap"]["20"]["least_propensity"] is None
    assert plain["value"]["weights"][0]["clipping"]["threshold"] == 2.0
    assert plain["value"]["cautions"] == ["clipped"]
    assert len(plain["difference"]["weights"]) == 2
    assert canonical(evaluation(against=False).to_dict())


def test_each_caution_is_said_once_in_words() -> None:
    """There are words for every one."""
    assert set(CAUTIONS) == set(Caution)
    assert evaluation().cautions == ()
    assert [words.split(",")[0] for words in evaluation(clip=2.0, estimated=True).cautions] == [
        "weights were cut; the intervals hold the most that this may have bent them",
        "the propensities are estimated",
    ]
