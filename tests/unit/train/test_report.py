"""A training report as plain values."""

import json
from dataclasses import replace

from churn_saver.tabular.overlap import OfferSeen, Overlap
from churn_saver.train.report import LadderReport, TrainingReport
from tests.unit.train.test_gates import report


def trained() -> TrainingReport:
    """Give a report whose figures are partly unknown."""
    ladder = LadderReport(
        causal="associational",
        overlap=Overlap(10.0, 0.1, 0.0),
        offers=(OfferSeen(5, 0, float("nan")),),
        ties=0,
        violations=0,
        customers=100,
        bayes_auc=None,
        regret=None,
        constant_regret=None,
        margin_kept=0.3,
    )
    accept = replace(report("accept"), ladder=ladder, roc=((0.0, 0.0), (1.0, 1.0)))
    return TrainingReport("both", "shallow", 42, "0.1.0", (report(), accept), (), ("note",))


def test_a_model_is_found_by_name() -> None:
    """None where it was not trained."""
    found = trained()

    assert found.of("accept") is found.models[1]
    assert replace(found, models=()).of("risk") is None


def test_the_report_is_json() -> None:
    """Tuples become lists, what is not a number becomes null, names stay."""
    plain = trained().to_dict()

    again = json.loads(json.dumps(plain, allow_nan=False))

    assert again == plain
    assert again["models"][1]["ladder"]["offers"] == [{"offer_pct": 5, "rows": 0, "accepted_share": None}]
    assert again["models"][1]["roc"] == [[0, 0], [1, 1]]
    assert again["models"][0]["source"]["kind"] == "company"
    assert again["models"][0]["out_of_fold"]["auc"] == {"value": 0.845, "low": 0.845, "high": 0.845}
