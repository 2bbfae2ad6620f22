"""Training reports read for a page."""

import json
from collections.abc import Callable

import pytest

from churn_saver.adapters.training_view import model_view, model_views, provenance
from churn_saver.errors import InputError
from churn_saver.train.report import TrainingReport

Change = Callable[[dict[str, object]], object]


def test_each_model_has_a_verdict_and_two_pictures(trained: TrainingReport) -> None:
    """AUC .8461 is 85 of 100 pairs; ECE .0123 is 1.2 points, the floor .0098 is 1.0."""
    risk, accept = model_views(trained.to_dict())

    assert risk.verdict == (
        "Churn risk: on 6,329 rows that the model had not seen, one that does leave scores above one "
        "that does not in 85 of 100 pairs (AUC 0.846, 95 % interval 0.836–0.856). Its chances are off by "
        "1.2 points on average; a perfect model of this size would show 1.0 by chance alone."
    )
    assert "AUC 0.846 (0.836–0.856)" in risk.roc
    assert "those who leave" in risk.roc.lower()
    assert "did accept" in accept.reliability


def test_a_report_read_back_from_json_is_the_same(trained: TrainingReport) -> None:
    """What the file holds and what training hands on make one page."""
    plain = trained.to_dict()

    assert model_views(json.loads(json.dumps(plain))) == model_views(plain)


def test_one_model_can_be_asked_for(trained: TrainingReport) -> None:
    """The asked one, and None for one that was not trained."""
    plain = trained.to_dict()

    assert model_view(plain, "accept") == model_views(plain)[1]
    assert model_view(plain, "uplift") is None


def test_a_model_of_another_name_is_shown_by_it(trained: TrainingReport) -> None:
    """A later kind of model needs no change here."""
    plain = trained.to_dict()
    _first(plain)["name"] = "uplift"

    assert model_views(plain)[0].title == "uplift"


def test_provenance_names_tables_inputs_and_recipe(trained: TrainingReport) -> None:
    """Enough to train the same again."""
    plain = trained.to_dict()
    rows = dict(provenance(plain, model_views(plain)))

    assert rows["Seed"] == "42"
    assert rows["Churn risk: table"] == "risk.csv (company)"
    assert rows["Churn risk: SHA-256"] == "ab" * 32
    assert rows["Offer acceptance: inputs"] == "tenure_months, monthly_spend"
    assert rows["Churn risk: recipe"] == "trees 250, depth 3"


def test_provenance_says_how_the_rows_came_about(trained: TrainingReport) -> None:
    """Where the table tells: when it was logged, and by which chances."""
    plain = trained.to_dict()
    source = _first(plain)["source"]
    assert isinstance(source, dict)
    source["logged"] = "logged 2026-03-02 to 2026-04-01"

    rows = dict(provenance(plain, model_views(plain)))

    assert rows["Churn risk: table"] == "risk.csv (company); logged 2026-03-02 to 2026-04-01"


def _first(plain: dict[str, object]) -> dict[str, object]:
    models = plain["models"]
    assert isinstance(models, list)
    model: dict[str, object] = models[0]
    return model


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r.pop("gates"), "the training report lacks gates, found only, preset"),
        (lambda r: r.update(models=3), "models of the training report holds int, wanted a list"),
        (lambda r: r.update(models=[3]), "models of the training report holds int, wanted named values"),
        (lambda r: _first(r).pop("roc"), "a model of the training report lacks roc"),
        (lambda r: _first(r).update(out_of_fold={}), "out_of_fold of model 'risk' lacks rows.*found nothing"),
        (lambda r: _first(r).update(roc=[[0, 0, 0]]), "holds 3 numbers, wanted 2"),
        (lambda r: _first(r).update(reliability=[["a", 0, 0]]), "holds 'a', wanted a number"),
    ],
)
def test_a_report_of_another_version_is_refused(trained: TrainingReport, change: Change, match: str) -> None:
    """The message names what is missing or wrong."""
    plain = trained.to_dict()
    change(plain)

    with pytest.raises(InputError, match=match):
        model_views(plain)


def test_a_figure_without_ends_is_refused(trained: TrainingReport) -> None:
    """An AUC without an interval is no figure of this version."""
    plain = trained.to_dict()
    scores = _first(plain)["out_of_fold"]
    assert isinstance(scores, dict)
    scores["auc"] = {"value": 0.8}

    with pytest.raises(InputError, match="a figure of the training report lacks low, high"):
        model_view(plain, "risk")
