"""Fitted models → what the training report says of them: scores, references, doubts.

Knows nothing of gates and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import TabularSettings
from churn_saver.tabular.cross_fit import HELD_OUT, LEAST_OF_A_CLASS
from churn_saver.tabular.features import VIEWS, seen_by
from churn_saver.tabular.fitting import AcceptFit, Method, RiskFit
from churn_saver.tabular.intervals import Scores, difference, scores
from churn_saver.tabular.overlap import offers_seen, warnings_of, weights
from churn_saver.tabular.predictors import logged_of
from churn_saver.tabular.quality import auc, ladder_faults, log_loss, reliability_points, roc_points
from churn_saver.tabular.regret import choices, constant_regret, regret
from churn_saver.train.datasets import AcceptTable, RiskTable, Source
from churn_saver.train.report import LadderReport, ModelReport, Points, ReferenceRow, ViewRow
from churn_saver.train.run import Run, Steps

Floats = NDArray[np.float64]
IN_SERVICE = "in service"
IN_SERVICE_UNFAIR = "in service, other hold-out"
"""The model in service where it may have learned from the rows it is compared on: shown, not a gate."""
LADDER_CUSTOMERS = 10_000
"""Most customers that ties and violations are counted over."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores probabilities of one model's rows, on those out of fold and on those held out."""

    label: Floats
    fold: NDArray[np.int64]
    run: Run
    draws: int

    @property
    def learned(self) -> NDArray[np.bool_]:
        """Rows that are scored out of fold, (n,)."""
        return np.asarray(self.fold != HELD_OUT, dtype=np.bool_)

    @property
    def held(self) -> NDArray[np.bool_] | None:
        """Rows that are held out, (n,); None where a label has too few of them to score."""
        held = ~self.learned
        ones = self.label[held].sum()
        return held if min(ones, held.sum() - ones) >= LEAST_OF_A_CLASS // 2 else None

    def scores(self, purpose: str, p: Floats, rows: NDArray[np.bool_]) -> Scores:
        """Score probabilities on some rows."""
        return scores(self.label[rows], p[rows], self.run.rng(purpose), self.draws)

    def against(self, model: Floats, name: str, other: Floats, rows: NDArray[np.bool_]) -> ReferenceRow:
        """Set the model beside another way to score the same rows."""
        label, mine, theirs = self.label[rows], model[rows], other[rows]
        on = "out of fold" if rows[self.learned].any() else "hold-out"
        return ReferenceRow(
            name, on, self.scores(f"scores {name}", other, rows),
            difference(log_loss, label, theirs, mine, self.run.rng(f"loss {name}"), self.draws),
            difference(auc, label, mine, theirs, self.run.rng(f"auc {name}"), self.draws),
        )  # fmt: skip

    def references(
        self, model: Floats, others: Mapping[str, Floats], done: Steps
    ) -> tuple[ReferenceRow, ...]:
        """Set the model beside all others; the model in service on held-out rows only."""
        constant = np.full(len(self.label), self.label[self.learned].mean())
        found = []
        for name, other in {"prevalence": constant, **others}.items():
            rows = self.held if name in (IN_SERVICE, IN_SERVICE_UNFAIR) else self.learned
            if rows is not None:
                found.append(self.against(model, name, other, rows))
            done()
        return tuple(found)


def risk_report(
    table: RiskTable, fit: RiskFit, others: Mapping[str, Floats], method: Method, judge: Judge, done: Steps
) -> ModelReport:
    """Appraise the churn model."""
    views = []
    for view in VIEWS:
        fields = seen_by(table.customers, view).fields
        kept = tuple(name for name in fit.model.fields if name in fields)
        views.append(ViewRow(view.value, kept, judge.scores(view.value, fit.views[view], judge.learned)))
        done()
    assumptions = []
    if table.source.is_telco:
        assumptions.append(
            "IBM Telco is a snapshot that holds customers who have already left; each is scored by models "
            "that never saw the row"
        )
    if table.source.kind == "demo":
        assumptions.append("the demo's customers are invented: no figure here says anything about yours")
    return _model_report(
        "risk", table.source, fit.out_of_fold, others, fit.model.names, method, judge, done,
        tuple(views), None, (), tuple(assumptions),
    )  # fmt: skip


def accept_report(
    table: AcceptTable,
    fit: AcceptFit,
    others: Mapping[str, Floats],
    method: Method,
    settings: TabularSettings,
    judge: Judge,
    done: Steps,
) -> ModelReport:
    """Appraise the acceptance model."""
    weight = None
    if table.propensity is not None:
        weight, _ = weights(table.propensity, settings.accept.propensity_floor)
    seen = offers_seen(table.offer_pct, table.accepted, weight)
    faults = ladder_faults(fit.ladder[:LADDER_CUSTOMERS])
    margin = settings.accept.margin_kept
    truth = table.truth
    ladder = LadderReport(
        causal="associational" if table.propensity is None else "inverse-propensity weighted",
        overlap=fit.overlap, offers=seen,
        ties=faults.ties, violations=faults.violations, customers=faults.customers,
        bayes_auc=None if truth is None else auc(table.accepted, logged_of(truth, table.offer_pct)),
        regret=None if truth is None else regret(truth, choices(fit.ladder, margin), margin),
        constant_regret=None if truth is None else constant_regret(truth, margin),
        margin_kept=margin,
    )  # fmt: skip
    doubts = list(warnings_of(seen, table.propensity is not None))
    if faults.ties or faults.violations:
        doubts.append(
            f"of {faults.customers} customers {faults.ties} have offers that tie and {faults.violations} "
            f"offers that fall along the ladder: choose preset shallow"
        )
    return _model_report(
        "accept", table.source, fit.logged, others, fit.model.names, method, judge, done,
        (), ladder, tuple(doubts), _offer_assumptions(table),
    )  # fmt: skip


def _offer_assumptions(table: AcceptTable) -> tuple[str, ...]:
    said = []
    if table.source.kind == "demo":
        said.append("the offer effect is assumed, not measured: the demo's table is drawn from a formula")
    if table.propensity is None:
        said.append(
            "associational: without the propensity of each offer, a difference between offers may be a "
            "difference between the customers who got them"
        )
    return tuple(said)


def _model_report(
    name: str,
    source: Source,
    p: Floats,
    others: Mapping[str, Floats],
    features: tuple[str, ...],
    method: Method,
    judge: Judge,
    done: Steps,
    views: tuple[ViewRow, ...],
    ladder: LadderReport | None,
    doubts: tuple[str, ...],
    assumptions: tuple[str, ...],
) -> ModelReport:
    learned, held = judge.learned, judge.held
    if held is None:
        doubts = (*doubts, "too few rows were held out to score them: read the out-of-fold figures alone")
    report = ModelReport(
        name=name, source=source, rows=len(p), positives=int(judge.label.sum()),
        hold_out_rows=int((~learned).sum()), features=features,
        recipe={**asdict(method.recipe), "calibration": method.kind, "all_views": method.all_views},
        out_of_fold=judge.scores("out of fold", p, learned),
        hold_out=None if held is None else judge.scores("hold-out", p, held),
        views=views, references=judge.references(p, others, done),
        roc=_points(roc_points(judge.label[learned], p[learned])),
        reliability=_points(reliability_points(judge.label[learned], p[learned])),
        ladder=ladder, warnings=doubts, assumptions=assumptions,
    )  # fmt: skip
    done()
    return report


def _points(values: Floats) -> Points:
    return tuple(tuple(row) for row in values.tolist())
