"""What a run came to: a page to open and a table on the screen."""

from datetime import datetime
from pathlib import Path

import polars as pl
from rich.table import Table

from churn_saver.adapters.assumptions import assumptions
from churn_saver.adapters.pages import Run, decision_report
from churn_saver.adapters.plans import PlanIndex
from churn_saver.adapters.summary import Summary
from churn_saver.cli.screen import console
from churn_saver.cli.tables import CustomerTable
from churn_saver.domain.money import shown
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
        price=index.price,
        models=str(frame["models"][0]) if len(frame) else "",
        code=str(frame["code"][0]) if len(frame) else "",
        out_of_fold=table.out_of_fold,
        hashes={table.path.name: table.sha256},
        notes=table.notes,
    )
    assumed = assumptions(env_file.read_text(encoding="utf-8"), env_file.name)
    return decision_report(summary, frame, training.to_dict(), assumed, said)


def show_results(summary: Summary, free_minor: int, price: float) -> None:
    """Print who is contacted, with what, for how much, and what it is expected to keep."""
    currency = summary.currency
    title = f"{summary.contacted:,} of {summary.customers:,} customers are contacted"
    table = Table("offer", title=title, title_justify="left")
    for heading in ("customers", "mean churn risk", "reserved", "expected spend", "expected margin kept"):
        table.add_column(heading, justify="right")
    for line in summary.offers:
        table.add_row(
            f"{line.percent} %",
            f"{line.customers:,}",
            _percent(line.mean_risk),
            shown(line.reserved_minor),
            shown(round(line.expected_spend_minor or 0)),
            f"{line.expected_value or 0.0:,.2f}",
        )
    console.print(table)
    kept, among, others = summary.expected_value or 0.0, summary.mean_risk_contacted, summary.mean_risk_others
    console.print(
        f"who        mean churn risk {_percent(among)} among them, {_percent(others)} among the others"
    )
    console.print(
        f"spend      {shown(summary.reserved_minor)} of {shown(summary.limit_minor)} {currency} "
        f"reserved, {shown(free_minor)} free"
    )
    console.print(f"gain       {kept:,.2f} {currency} expected margin kept against doing nothing")
    console.print(f"holdout    {summary.held_out:,} customers, scored and left alone")
    console.print(f"messages   {summary.contacted:,} read back and checked, 0 violations")
    console.print(f"price      {price:.3f} of margin for each unit of budget")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
