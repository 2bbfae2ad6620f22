"""The whole journey in one command, with a ledger of its own: nothing outside its folder is touched.

prepare → train → open a campaign → plan → commit → read back → check every message → report
"""

import os
import resource
import shlex
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from rich.table import Table

from churn_saver.adapters import plans
from churn_saver.adapters.assumptions import assumptions
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.pages import Run, decision_report
from churn_saver.adapters.summary import Summary, protected_columns, summarise
from churn_saver.cli.checking import blocked_messages
from churn_saver.cli.deciding import (
    PLAN_FOLDER,
    opened_whole,
    planned,
    record,
    run_folder,
    show_files,
    show_plan,
)
from churn_saver.cli.preparing import prepare
from churn_saver.cli.screen import console
from churn_saver.cli.tables import CustomerTable, Source, read_customers
from churn_saver.cli.training import fit
from churn_saver.config import Environment, environment
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import shown, to_minor
from churn_saver.errors import GateError, InputError, LedgerError
from churn_saver.opening import campaign_for, config_folder, open_books, read_settings
from churn_saver.train import datasets
from churn_saver.train.risk import Trained

DATA = Path("data")
CUSTOMERS_FILE = "customers.csv"
SEED = 42
CAMPAIGN = "demo"
LEDGER, MODELS, REPORT = "ledger.db", "models", "report.html"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and with what one demo runs."""

    variables: Environment
    out: Path
    now: datetime
    limit_minor: int


def run(source: Source, budget: str, out: Path | None) -> None:
    """Go the whole way and show what came of it."""
    started, now = time.monotonic(), datetime.now(UTC)
    limit_minor = to_minor(budget, "--budget")
    out = out or run_folder(now)
    variables = environment(os.environ).model_copy(
        update={"DATABASE_URL": f"sqlite:///{out / LEDGER}", "MODEL_DIR": str(out / MODELS)}
    )
    setting = Setting(variables, out, now, limit_minor)

    _heading("1  Data")
    if source.path is None:
        prepare(DATA, SEED)
        table = read_customers(source, DATA / CUSTOMERS_FILE, out)
    else:
        table = read_customers(source, source.path, out)
        prepare(DATA, SEED)
    console.print(f"{len(table.customers):,} customers from {table.path}")

    _heading("2  Predictors")
    table, trained = _trained(table, setting)

    _heading("3  Decisions")
    campaign = _campaign(setting, len(table.customers))
    with opened_whole(variables, now) as engine:
        index = planned(table, engine, out / PLAN_FOLDER, now)
        show_plan(index)
        frame = record(engine.store, out, now)
        totals = engine.store.verify(campaign.campaign_id, now)
        blocked = blocked_messages(frame, table.customers, engine.rules.shield)
    if blocked:
        raise LedgerError(f"{len(blocked)} recorded messages do not pass the shield: {blocked[:3]}")

    _heading("4  Report")
    env, _, _ = read_settings(variables)
    summary = summarise(
        frame,
        limit_minor,
        env.contact_cost_minor,
        totals.reserved_minor + totals.spent_minor,
        protected_columns(table.customers),
    )
    page = _page(summary, frame, table, trained, index, setting)
    write_bytes(out / REPORT, page.encode())
    _show(summary, totals.free_minor, index)
    show_files(out)
    console.print(f"report     [bold]{out / REPORT}[/]")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"[dim]{time.monotonic() - started:.0f} s, at most {peak:,.0f} MB of memory[/]")


def _trained(table: CustomerTable, setting: Setting) -> tuple[CustomerTable, Trained]:
    """Train both predictors; a labelled table is learned from, and scored out-of-fold.

    A table that says nothing of who left, or too little to learn from, is scored by a model of the
    tables in data/, and screen and report say so.
    """
    _, _, settings = read_settings(setting.variables)
    accept, models = datasets.find_accept(DATA), setting.out / MODELS
    why_not = "the table does not say who left (no column 'churned')"
    if "churned" in table.frame.columns:
        public = table.is_telco and len(table.frame) == datasets.TELCO_ROWS
        origin = datasets.Source("company", table.path.name, table.sha256, public, table.notes)
        try:
            trained = fit(datasets.risk_rows(table.frame, origin), accept, settings, models)
        except (GateError, InputError) as error:
            why_not = f"too little can be learned from who left in this table ({error})"
        else:
            return _scored(table, trained), trained
    if table.path != DATA / CUSTOMERS_FILE:
        note = f"{why_not}: scores come from a model of the tables in {DATA}/"
        console.print(f"[yellow]note[/] {note}")
        table = replace(table, notes=(*table.notes, note))
    return table, fit(datasets.find_risk(DATA, settings.risk.source), accept, settings, models)


def _scored(table: CustomerTable, trained: Trained) -> CustomerTable:
    """Score everybody by models that never saw the row; a score of the table's own stays."""
    assert trained.out_of_fold is not None
    console.print("[yellow]note[/] the table says who left: everybody is scored out-of-fold")
    given = table.customers.churn_risk
    risk = np.where(np.isnan(given), trained.out_of_fold, given)
    return replace(table, customers=replace(table.customers, churn_risk=risk), out_of_fold=True)


def _campaign(setting: Setting, customers: int) -> Campaign:
    """Open the run's own campaign, or find it when the run goes on.

    Raises:
        InputError: the folder holds a run with another budget.
    """
    env, serve, _ = read_settings(setting.variables)
    with open_books(setting.variables) as store:
        for campaign in store.campaigns.list():
            if campaign.limit_minor != setting.limit_minor:
                raise InputError(
                    f"{setting.out} holds a run with a budget of {shown(campaign.limit_minor)}, "
                    f"not {shown(setting.limit_minor)}. Name another OUT."
                )
            return campaign
        campaign = campaign_for(
            env,
            serve,
            setting.now,
            campaign_id=CAMPAIGN,
            limit_minor=setting.limit_minor,
            customers=customers,
        )
        store.campaigns.open(campaign)
    return campaign


def _page(
    summary: Summary,
    frame: pl.DataFrame,
    table: CustomerTable,
    trained: Trained,
    index: plans.PlanIndex,
    setting: Setting,
) -> str:
    env_file = config_folder(setting.variables) / "env.yaml"
    run_info = Run(
        made_at=setting.now,
        customers_file=table.path.name,
        command=_command(setting.limit_minor, table.path),
        campaign_id=index.campaign_id,
        price=index.price,
        models=trained.version,
        code=str(frame["code"][0]) if len(frame) else "",
        out_of_fold=table.out_of_fold,
        hashes={table.path.name: table.sha256},
        notes=table.notes,
    )
    assumed = assumptions(env_file.read_text(encoding="utf-8"), env_file.name)
    return decision_report(summary, frame, trained.report.to_dict(), assumed, run_info)


def _command(limit_minor: int, customers: Path) -> str:
    budget = f"{limit_minor / 100:g}"
    own = "" if customers == DATA / CUSTOMERS_FILE else f" CUSTOMERS={shlex.quote(customers.name)}"
    return f"make demo{own} BUDGET={budget}"


def _show(summary: Summary, free_minor: int, index: plans.PlanIndex) -> None:
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
    console.print(f"price      {index.price:.3f} of margin for each unit of budget")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _heading(text: str) -> None:
    console.print(f"\n[bold]{text}[/]")
    sys.stdout.flush()
