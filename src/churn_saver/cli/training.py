"""Train churn risk and offer acceptance, with bars, a table of figures and a page."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from rich.table import Table

from churn_saver.adapters import artifact_parts, artifacts
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.pages import training_report
from churn_saver.cli.screen import bars, console, note, say
from churn_saver.config import TabularSettings, environment
from churn_saver.errors import InputError
from churn_saver.opening import MODEL_DIR, read_settings
from churn_saver.train.datasets import AcceptTable, RiskTable, find_accept, find_risk
from churn_saver.train.report import ModelReport, TrainingReport
from churn_saver.train.risk import Tables, Trained, train

Which = Literal["risk", "accept", "both"]
PAGE = "report.html"


def train_models(only: str, data: Path, out: Path | None) -> None:
    """Train from the tables of a folder.

    Raises:
        InputError: `only` is no model.
        GateError: a model is not good enough; nothing was written.
    """
    if only not in get_args(Which):
        raise InputError(f"--only is {only!r}, wanted one of {', '.join(get_args(Which))}")
    _, _, settings = read_settings(environment(os.environ))
    risk = find_risk(data, settings.risk.source) if only != "accept" else None
    accept = find_accept(data) if only != "risk" else None
    fit(risk, accept, settings, out or MODEL_DIR)
    if only != "both":
        _tell_changed("accept" if only == "risk" else "risk", data, settings, out or MODEL_DIR)


def fit(risk: RiskTable | None, accept: AcceptTable | None, settings: TabularSettings, out: Path) -> Trained:
    """Train from tables, write artefacts and page, and print the figures."""
    for table in (risk, accept):
        if table is not None:
            source = table.source
            said = f"; {source.logged}" if source.logged else ""
            say(f"training on {source.file} ({source.kind}), {len(table.customers):,} rows{said}")
    with bars() as progress:
        trained = train(Tables(risk, accept), settings, out, progress)
    write_bytes(out / PAGE, training_report(trained.report.to_dict()).encode())
    show_figures(trained.report)
    for line in trained.report.notes if trained.report.only != "both" else ():
        note(line)
    if not trained.is_whole:
        note(
            f"{out} holds one model of two, and nothing serves from it. Next step: train the other one into "
            "the same folder"
        )
    say(f"artefacts  {out}  version {trained.version}")
    say(f"report     {out / PAGE}")
    return trained


def _tell_changed(kept: artifact_parts.Name, data: Path, settings: TabularSettings, out: Path) -> None:
    """Say so when the model that was kept was trained on another table than the one that lies there now."""
    if not (out / artifacts.MANIFEST).is_file():
        return
    was = artifacts.read_manifest(out).provenance.get(kept)
    try:
        there = (find_risk(data, settings.risk.source) if kept == "risk" else find_accept(data)).source
    except InputError:
        return
    if isinstance(was, Mapping) and was.get("sha256") != there.sha256:
        note(f"{kept} is stale: {there.file} in {data} is not what it was trained on. Train it too")


def show_figures(report: TrainingReport) -> None:
    """Print what was measured, with 95 % intervals, and every warning."""
    table = Table("model", "figure", title="Out of fold, with 95 % intervals", title_justify="left")
    table.add_column("value", justify="right")
    table.add_column("interval", justify="right")
    for model in report.models:
        _add(table, model)
    console.print(table)
    for model in report.models:
        for warning in model.warnings:
            note(f"{model.name}: {warning}")


def _add(table: Table, model: ModelReport) -> None:
    found = model.out_of_fold
    for name, figure in (("AUC", found.auc), ("ECE", found.ece), ("Brier score", found.brier)):
        table.add_row(model.name, name, f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}")
    for reference in model.references:
        if reference.on == "out of fold":
            figure = reference.scores.auc
            interval = f"{figure.low:.3f} to {figure.high:.3f}"
            table.add_row(
                model.name, f"AUC of {reference.name}", f"{figure.value:.3f}", interval, style="dim"
            )
