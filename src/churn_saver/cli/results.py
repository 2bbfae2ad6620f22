"""What a run came to: a page to open and a table on the screen."""

from datetime import datetime
from pathlib import Path

import polars as pl
from rich.table import Table

from churn_saver.adapters import plain_words as words
from churn_saver.adapters.assumptions import assumptions
from churn_saver.adapters.pages import Run, decision_report
from churn_saver.adapters.plans import PlanIndex
from churn_saver.adapters.summary import Summary
from churn_saver.cli.screen import console
from churn_saver.cli.tables import CustomerTable
from churn_saver.domain.customer import FIELD_BY_NAME, View
from churn_saver.tabular.features import fields_of
from churn_saver.train.report import TrainingReport


def page_of(
    summary: Summary,
    frame: pl.DataFrame,
    table: CustomerTable,
    training: TrainingReport,
    index: PlanIndex,
    env_file: Path,
    command: str,
) -> str:
    """Set the page of a run.

    Args:
        summary: Of the frame.
        frame: Decisions as read back from the ledger.
        table: That was decided for.
        training: Of the predictors that scored it.
        index: Of the plan that was committed.
        env_file: Settings whose values are printed as assumptions.
        command: Makes the run again.
    """
    said = Run(
        made_at=datetime.fromisoformat(index.made_at),
        customers_file=table.path.name,
        command=command,
        campaign_id=index.campaign_id,
        price=index.at_price or 0.0,
        models=str(frame["models"][0]) if len(frame) else "",
        code=str(frame["code"][0]) if len(frame) else "",
        out_of_fold=table.out_of_fold,
        protected_used=_protected(training),
        hashes={table.path.name: table.sha256},
        notes=(*table.notes, *index.notes),
    )
    assumed = assumptions(env_file.read_text(encoding="utf-8"), env_file.name)
    return decision_report(summary, frame, training.to_dict(), assumed, said)


def _protected(training: TrainingReport) -> bool:
    """Say whether the churn model reads a protected column."""
    risk = training.of("risk")
    inputs = fields_of(risk.features) if risk else ()
    return any(FIELD_BY_NAME[name].view is View.PROTECTED for name in inputs)


def show_results(summary: Summary, free_minor: int, price: float | None) -> None:
    """Print who is contacted, with what, for how much, and what it is expected to keep."""
    currency = summary.currency
    title = f"{words.count(summary.contacted)} of {words.count(summary.customers)} customers are contacted"
    table = Table("offer", title=title, title_justify="left")
    for heading in ("customers", "mean churn risk", "reserved", "expected spend", "expected margin kept"):
        table.add_column(heading, justify="right")
    for line in summary.offers:
        table.add_row(
            f"{line.percent} %",
            words.count(line.customers),
            words.percent(line.mean_risk) if line.customers else "",
            words.money(line.reserved_minor),
            words.money(line.expected_spend_minor),
            words.units(line.expected_value),
        )
    console.print(table)
    among, others = words.percent(summary.mean_risk_contacted), words.percent(summary.mean_risk_others)
    reserved, limit = words.money(summary.reserved_minor), words.money(summary.limit_minor)
    kept = words.units(summary.expected_value)
    console.print(f"who        mean churn risk {among} among them, {others} among the others")
    console.print(f"spend      {reserved} of {limit} {currency} reserved, {words.money(free_minor)} free")
    console.print(f"gain       {kept} {currency} expected margin kept against doing nothing")
    console.print(f"holdout    {words.count(summary.held_out)} customers, scored and left alone")
    console.print(f"messages   {words.count(summary.contacted)} read back and checked, 0 violations")
    if price is not None:
        console.print(f"price      {price:.3f} of margin for each unit of budget")
