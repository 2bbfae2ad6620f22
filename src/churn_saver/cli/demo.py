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
from numpy.typing import NDArray

from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.summary import protected_columns, summarise
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
from churn_saver.cli.options import DATA
from churn_saver.cli.preparing import CUSTOMERS_FILE, prepare
from churn_saver.cli.results import page_of, show_results
from churn_saver.cli.screen import console, note, say
from churn_saver.cli.tables import CustomerTable, Source, read_customers
from churn_saver.cli.training import fit
from churn_saver.config import Environment, environment
from churn_saver.decide import Engine
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import shown, to_minor, to_units
from churn_saver.errors import GateError, InputError, LedgerError
from churn_saver.journey import Decider
from churn_saver.journey.seating import KNAPSACK
from churn_saver.opening import campaign_for, config_folder, open_books, read_settings
from churn_saver.store import sqlite_url
from churn_saver.train import datasets
from churn_saver.train.risk import Trained

SEED = 42
CAMPAIGN = "demo"
LEDGER, MODELS, REPORT, TABLE_MARK = "ledger.db", "models", "report.html", "table.sha256"


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
        update={"DATABASE_URL": sqlite_url(out / LEDGER), "MODEL_DIR": str(out / MODELS)}
    )
    setting = Setting(variables, out, now, limit_minor)

    _heading("1  Data")
    if source.path is None:
        prepare(DATA, SEED)
        table = read_customers(source, DATA / CUSTOMERS_FILE, out)
    else:
        table = read_customers(source, source.path, out)
        prepare(DATA, SEED)
    say(f"{len(table.customers):,} customers from {table.path}")

    campaign = _campaign(setting, len(table.customers))
    _refuse_another_table(table, setting)

    _heading("2  Predictors")
    table, trained = _trained(table, setting)

    _heading("3  Decisions")
    with opened_whole(variables, now) as opened:
        engine = _deciding_once(opened)
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
    env_file, command = config_folder(variables) / "env.yaml", _command(setting, source)
    page = page_of(summary, frame, table, trained.report, index, env_file, command)
    write_bytes(out / REPORT, page.encode())
    show_results(summary, totals.free_minor, index.at_price)
    show_files(out)
    say(f"report     {out / REPORT}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"[dim]{time.monotonic() - started:.0f} s, at most {peak:,.0f} MB of memory[/]")


def _deciding_once(engine: Engine) -> Engine:
    """Let the knapsack decide instead of a policy that looks ahead.

    Such a policy keeps money for the days when a customer's risk rises, and a demo has no such days.
    """
    if engine.rules.decider.policy is None:
        return engine
    note(
        f"{engine.rules.decider.label} keeps money for later days; a demo decides once, so the knapsack does"
    )
    return replace(engine, rules=replace(engine.rules, decider=Decider(KNAPSACK)))


def _trained(table: CustomerTable, setting: Setting) -> tuple[CustomerTable, Trained]:
    """Train both predictors; rows that say who left are learned from, and scored out-of-fold.

    A table that says nothing of who left, or too little to learn from, is scored by a model of the
    tables in data/, and screen and report say so.
    """
    _, _, settings = read_settings(setting.variables)
    accept, models = datasets.find_accept(DATA), setting.out / MODELS
    why_not = "the table does not say who left (no column 'churned', or nothing in it)"
    labelled = _labelled(table)
    if len(labelled):
        public = table.is_telco and len(labelled) == datasets.TELCO_ROWS
        origin = datasets.Source("company", table.path.name, table.sha256, public, table.notes)
        rows = datasets.risk_rows(table.frame[labelled], origin)
        try:
            trained = fit(rows, accept, settings, models)
        except (GateError, InputError) as error:
            why_not = f"too little can be learned from who left in this table ({error})"
        else:
            return _scored(table, labelled, trained), trained
    if table.path != DATA / CUSTOMERS_FILE:
        reason = f"{why_not}: scores come from a model of the tables in {DATA}/"
        note(reason)
        table = replace(table, notes=(*table.notes, reason))
    return table, fit(datasets.find_risk(DATA, settings.risk.source), accept, settings, models)


def _labelled(table: CustomerTable) -> NDArray[np.int64]:
    """Give the rows that say whether the customer left."""
    if "churned" not in table.frame.columns:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(table.frame["churned"].is_not_null().to_numpy())


def _scored(table: CustomerTable, labelled: NDArray[np.int64], trained: Trained) -> CustomerTable:
    """Score the labelled rows by models that never saw them; a score of the table's own stays."""
    assert trained.out_of_fold is not None
    note("the table says who left: those rows are scored out-of-fold, unless they bring a score")
    risk = table.customers.churn_risk.copy()
    risk[labelled] = np.where(np.isnan(risk[labelled]), trained.out_of_fold, risk[labelled])
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


def _refuse_another_table(table: CustomerTable, setting: Setting) -> None:
    """Refuse before the folder's models are replaced: its decisions name them.

    Raises:
        InputError: the folder holds a run for another table.
    """
    place, said = setting.out / TABLE_MARK, f"{table.sha256} {table.reading}".encode()
    if place.is_file() and place.read_bytes() != said:
        raise InputError(f"{setting.out} holds a run for another table than {table.path}. Name another OUT.")
    write_bytes(place, said)


def _command(setting: Setting, source: Source) -> str:
    """Say what makes this run again."""
    own = [] if source.path is None else ["--customers", str(source.path)]
    renamed = [word for name, theirs in source.mapping.items() for word in ("--map", f"{name}={theirs}")]
    skipping = ["--skip-bad-rows"] if source.skip_bad_rows else []
    budget = ["--budget", f"{to_units(setting.limit_minor):g}"]
    return shlex.join(["churn-saver", "demo", *own, *budget, *renamed, *skipping])


def _heading(text: str) -> None:
    console.print(f"\n[bold]{text}[/]")
    sys.stdout.flush()
