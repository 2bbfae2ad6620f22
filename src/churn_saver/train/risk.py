"""Recipe: train churn risk and offer acceptance, and write them only if they pass their gates.

    tables → folds → cross-fitted predictors → report with intervals → gates, or stop → artefacts

The hold-out is kept away from every fit and scored once. Same tables and settings, same bytes. One model may
be trained alone: beside another that is kept, or, where there is none, as a part that nothing serves from.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from churn_saver import __version__
from churn_saver.adapters import artifact_parts, artifacts
from churn_saver.adapters.canonical import canonical
from churn_saver.config import BoosterSettings, TabularSettings
from churn_saver.errors import ArtifactError
from churn_saver.tabular.boosting import Recipe
from churn_saver.tabular.cross_fit import folds
from churn_saver.tabular.features import encode
from churn_saver.tabular.fitting import AcceptFit, Method, RiskFit, classic, fit_accept, fit_risk
from churn_saver.tabular.overlap import weights
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel, accept_columns, logged_of
from churn_saver.tabular.reference import spline_logistic
from churn_saver.train.appraisal import IN_SERVICE, IN_SERVICE_UNFAIR, Judge, accept_report, risk_report
from churn_saver.train.datasets import AcceptTable, RiskTable
from churn_saver.train.gates import gates_of, stop_if_failed
from churn_saver.train.report import ModelReport, Only, TrainingReport
from churn_saver.train.run import Progress, Run, silent

Floats = NDArray[np.float64]
Model = TypeVar("Model", RiskModel, AcceptModel)

REPORT = "report.json"
"""Written beside the artefacts; it holds more than serving needs, so the manifest does not vouch for it."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What to train on; None: keep the model that the folder holds, if it holds one."""

    risk: RiskTable | None
    accept: AcceptTable | None

    @property
    def only(self) -> Only:
        """Which models are trained."""
        return "both" if self.risk and self.accept else "risk" if self.risk else "accept"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a passed training run leaves."""

    report: TrainingReport
    version: str
    """Of the artefacts that were written."""
    out_of_fold: Floats | None
    """Churn probability of each row of the churn table by models that never saw it, (n,)."""
    is_whole: bool
    """The folder holds both models now; otherwise the part of one, which nothing serves from."""


def train(tables: Tables, settings: TabularSettings, folder: Path, progress: Progress = silent) -> Trained:
    """Train, judge, and write to `folder`.

    Raises:
        InputError: a table cannot be learned from, or the folder cannot be written to.
        ArtifactError: the model that was to be kept cannot be used, or was not trained alike.
        GateError: a model is not good enough; nothing was written.
    """
    run = Run(settings.seed, progress)
    is_alone = tables.only != "both" and not (folder / artifacts.MANIFEST).exists()
    kept = None if is_alone or tables.only == "both" else artifacts.load(folder)
    metrics = {} if kept is None else dict(artifacts.read_manifest(folder).metrics)
    before = kept or _in_service(folder)

    reports: list[ModelReport] = []
    risk_fit: RiskFit | None = None
    accept_fit: AcceptFit | None = None
    if tables.risk:
        risk_fit, found = _risk(tables.risk, settings, run, before)
        reports.append(found)
    if tables.accept:
        accept_fit, found = _accept(tables.accept, settings, run, before)
        reports.append(found)

    gates = tuple(gate for found in reports for gate in gates_of(found, settings.gates))
    stop_if_failed(gates)

    notes = tuple(note for found in reports for note in found.source.notes)
    report = TrainingReport(
        tables.only, settings.preset, settings.seed, __version__, tuple(reports), gates,
        notes + _kept_notes(kept, tables.only, settings),
    )  # fmt: skip
    fitted = risk_fit or accept_fit
    if is_alone and fitted is not None:
        version, is_whole = _write_part(folder, fitted.model, report, settings)
        return Trained(report, version, risk_fit.out_of_fold if risk_fit else None, is_whole)
    version = artifacts.save(
        folder,
        _either(None if risk_fit is None else risk_fit.model, None if kept is None else kept.risk),
        _either(None if accept_fit is None else accept_fit.model, None if kept is None else kept.accept),
        {**(kept.provenance if kept else {}), **{r.name: _provenance(r, settings) for r in reports}},
        {**metrics, **{r.name: _metrics(r) for r in reports}},
        {REPORT: canonical(report.to_dict())},
    )
    return Trained(report, version, risk_fit.out_of_fold if risk_fit else None, True)


def _write_part(
    folder: Path, model: RiskModel | AcceptModel, report: TrainingReport, settings: TabularSettings
) -> tuple[str, bool]:
    """Write the part of one model; where the other part lies there too, both become a whole."""
    (found,) = report.models
    version = artifact_parts.save_part(
        folder, model, _provenance(found, settings), _metrics(found), {REPORT: canonical(report.to_dict())}
    )
    if all(artifact_parts.holds_part(folder, name) for name in artifact_parts.OTHER):
        return artifact_parts.join(folder, folder, folder), True
    return version, False


def _kept_notes(kept: Predictors | None, only: Only, settings: TabularSettings) -> tuple[str, ...]:
    """Say which model was kept and what it was trained on, and what of that is other than in this run."""
    if kept is None or only == "both":
        return ()
    name = artifact_parts.OTHER[only]
    was = kept.provenance.get(name)
    told = was if isinstance(was, Mapping) else {}
    now: dict[str, object] = {"hold_out": _hold_out(settings), "preset": settings.preset}
    odd = [f"{word} {told.get(word)} there, {now[word]} here" for word in now if told.get(word) != now[word]]
    digest = str(told.get("sha256"))[:16]
    said = f"{name} was kept as it was, trained on {told.get('file')} ({told.get('source')}), sha256 {digest}"
    return (f"{said}{'; not alike: ' if odd else ''}{'; '.join(odd)}",)


def _risk(
    table: RiskTable, settings: TabularSettings, run: Run, before: Predictors | None
) -> tuple[RiskFit, ModelReport]:
    """Fit the churn model and its references, and appraise them."""
    who, label = table.customers, table.churned
    fold = folds(who.ids, settings.folds, settings.hold_out_share, settings.seed)
    method, textbook = methods(settings, "risk")
    protected = settings.allow_protected
    done = run.steps("fit churn risk", 2 * (settings.folds + 1) + 1)
    fit = fit_risk(who, label, fold, method, protected, done)
    others = {"spline-logistic": spline_logistic(encode(who, fit.model.names), label, fold)}
    done()
    if method != textbook:
        others["classic"] = fit_risk(who, label, fold, textbook, protected, done).out_of_fold
    if before:
        others[_in_service_name("risk", settings, before)] = before.risk.probability(who)
    judge = Judge(label, fold, run, settings.bootstrap_draws)
    done = run.steps("judge churn risk", 4 + 1 + len(others))
    return fit, risk_report(table, fit, others, method, judge, done)


def _accept(
    table: AcceptTable, settings: TabularSettings, run: Run, before: Predictors | None
) -> tuple[AcceptFit, ModelReport]:
    """Fit the acceptance model and its references, and appraise them."""
    who, label, floor = table.customers, table.accepted, settings.accept.propensity_floor
    fold = folds(who.ids, settings.folds, settings.hold_out_share, settings.seed)
    method, textbook = methods(settings, "accept")
    done = run.steps("fit acceptance", 2 * (settings.folds + 1) + 1)

    def fit_with(how: Method) -> AcceptFit:
        return fit_accept(
            who, table.churn_risk, table.offer_pct, label, table.propensity, fold, how, floor,
            settings.allow_protected, done,
        )  # fmt: skip

    fit = fit_with(method)
    weight = None if table.propensity is None else weights(table.propensity, floor)[0]
    x = accept_columns(table.churn_risk, table.offer_pct, encode(who, fit.model.names[2:]))
    others = {"spline-logistic": spline_logistic(x, label, fold, weight)}
    done()
    if method != textbook:
        others["classic"] = fit_with(textbook).logged
    if before:
        ladder = before.accept.probabilities(who, table.churn_risk)
        others[_in_service_name("accept", settings, before)] = logged_of(ladder, table.offer_pct)
    judge = Judge(label, fold, run, settings.bootstrap_draws)
    done = run.steps("judge acceptance", 1 + 1 + len(others))
    return fit, accept_report(table, fit, others, method, settings, judge, done)


def methods(settings: TabularSettings, name: Literal["risk", "accept"]) -> tuple[Method, Method]:
    """Give how a model is fitted, and the classic recipe beside it."""
    own: BoosterSettings = settings.risk if name == "risk" else settings.accept
    recipe = Recipe(
        own.trees, own.depth, own.learning_rate, own.min_child_weight, own.row_share,
        own.column_share, settings.seed,
    )  # fmt: skip
    textbook = classic(recipe, settings.threads)
    if settings.preset == "classic":
        return textbook, textbook
    return Method(recipe, "isotonic" if name == "risk" else "beta", True, settings.threads), textbook


def _in_service(folder: Path) -> Predictors | None:
    """Load what serves now; what cannot be loaded does not serve."""
    try:
        return artifacts.load(folder)
    except ArtifactError:
        return None


def _in_service_name(name: str, settings: TabularSettings, before: Predictors) -> str:
    """Say how the model in service can be compared: fairly only if it never saw the held-out rows."""
    was = before.provenance.get(name)
    same = isinstance(was, Mapping) and was.get("hold_out") == _hold_out(settings)
    return IN_SERVICE if same else IN_SERVICE_UNFAIR


def _provenance(report: ModelReport, settings: TabularSettings) -> dict[str, object]:
    return {
        "source": report.source.kind,
        "file": report.source.file,
        "sha256": report.source.sha256,
        "rows": report.rows,
        "positives": report.positives,
        "hold_out": _hold_out(settings),
        "preset": settings.preset,
        "recipe": dict(report.recipe),
        "causal": None if report.ladder is None else report.ladder.causal,
        "assumptions": list(report.assumptions),
    }


def _hold_out(settings: TabularSettings) -> dict[str, object]:
    return {"seed": settings.seed, "share": settings.hold_out_share}


def _metrics(report: ModelReport) -> dict[str, object]:
    scored = {"out_of_fold": report.out_of_fold, "hold_out": report.hold_out}
    return {on: None if one is None else asdict(one) for on, one in scored.items()}


def _either(fitted: Model | None, kept: Model | None) -> Model:
    """Give the new model, else the kept one; `train` made sure that there is one."""
    model = fitted or kept
    assert model is not None
    return model
