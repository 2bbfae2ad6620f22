"""A training report as training writes it, small and made by hand; places to put files at."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from churn_saver.tabular.intervals import Interval, Scores
from churn_saver.tabular.overlap import OfferSeen, Overlap
from churn_saver.train.datasets import Source
from churn_saver.train.report import (
    Gate,
    LadderReport,
    ModelReport,
    ReferenceRow,
    TrainingReport,
    ViewRow,
)
from tests import gcs

BUCKET = "churn-saver-tests"
_numbers = count()


def _scores(auc: float) -> Scores:
    return Scores(
        rows=6_329,
        auc=Interval(auc, auc - 0.01, auc + 0.01),
        ece=Interval(0.0123, 0.0101, 0.0167),
        ece_equal_mass=Interval(0.0111, 0.0099, 0.0155),
        brier=Interval(0.1341, 0.1300, 0.1380),
        log_loss=Interval(0.4171, 0.4070, 0.4270),
        ece_floor=0.0098,
    )


def _model(name: str, ladder: LadderReport | None) -> ModelReport:
    reference = ReferenceRow(
        "spline-logistic",
        "out of fold",
        _scores(0.8495),
        Interval(0.002, -0.001, 0.005),
        Interval(-0.003, -0.01, 0.004),
    )
    return ModelReport(
        name=name,
        source=Source("company", f"{name}.csv", "ab" * 32, False),
        rows=7_032,
        positives=1_869,
        hold_out_rows=703,
        features=("tenure_months", "monthly_spend"),
        recipe={"trees": 250, "depth": 3},
        out_of_fold=_scores(0.8461),
        hold_out=None if ladder else _scores(0.8412),
        views=() if ladder else (ViewRow("retain", ("tenure_months",), _scores(0.8188)),),
        references=(reference,),
        roc=((0.0, 0.0), (0.25, 0.75), (1.0, 1.0)),
        reliability=((0.1, 0.12, 300.0), (0.5, 0.44, 100.0)),
        ladder=ladder,
        warnings=("only 150 rows have offer 15 %",) if ladder else (),
        assumptions=("the offer effect is assumed, not measured",) if ladder else (),
    )


@pytest.fixture
def trained() -> TrainingReport:
    """Two models, one of two gates failed."""
    ladder = LadderReport(
        causal="inverse-propensity weighted",
        overlap=Overlap(effective_rows=4_321.4, least_propensity=0.06, clipped_share=0.015),
        offers=(OfferSeen(0, 1_500, 0.21), OfferSeen(5, 0, float("nan"))),
        ties=0,
        violations=0,
        customers=6_000,
        bayes_auc=0.75,
        regret=0.0123,
        constant_regret=0.037,
        margin_kept=0.6,
    )
    gates = (
        Gate("risk", "out-of-fold AUC", 0.8461, "at least 0.84", True),
        Gate("accept", "gain in log loss", -0.0007, "an interval above 0", False),
    )
    models = (_model("risk", None), _model("accept", ladder))
    return TrainingReport("both", "shallow", 42, "0.1.0", models, gates, ("11 rows were left out.",))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gcs.Gcs]:
    """Run Cloud Storage on loopback, once."""
    with gcs.with_bucket(tmp_path_factory.mktemp("gcs"), BUCKET) as running:
        yield running


@pytest.fixture
def cloud(service: gcs.Gcs, monkeypatch: pytest.MonkeyPatch) -> gcs.Gcs:
    """Lead the client library to Cloud Storage on loopback, which misbehaves no more."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", service.url)
    service.behave()
    return service


@pytest.fixture
def prefix(cloud: gcs.Gcs) -> str:
    """Give the address of a prefix with nothing below."""
    return f"gs://{BUCKET}/test/{next(_numbers)}"


@pytest.fixture(params=["folder", "bucket"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty folder, and of an empty prefix of a bucket."""
    if request.param == "folder":
        return str(tmp_path / "place")
    return str(request.getfixturevalue("prefix"))
