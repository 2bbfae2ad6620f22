"""Decide for a table: plan, compare with the last plan, commit, write what was recorded."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from churn_saver.adapters import plans
from churn_saver.adapters.decisions_file import CSV, PARQUET, decisions_frame, write_decisions
from churn_saver.adapters.files import write_bytes
from churn_saver.cli.screen import bars, console, note, say
from churn_saver.cli.tables import CustomerTable, Source, read_customers
from churn_saver.config import Environment, environment
from churn_saver.decide import Engine
from churn_saver.decide.committing import Committed, commit
from churn_saver.decide.planning import plan
from churn_saver.domain.money import shown
from churn_saver.errors import ArtifactError, InputError
from churn_saver.opening import PREDICTORS_UNAVAILABLE, open_books, open_engine
from churn_saver.store import Store

PLANS = Path("var/plans")
PLAN_FOLDER = "plan"


def decide_table(source: Source, out: Path | None) -> None:
    """Plan and commit in one go; where the folder holds an unfinished plan of this table, go on with it."""
    now = datetime.now(UTC)
    out = out or run_folder(now)
    with opened_whole(environment(os.environ), now) as engine:
        table = _read(source, out)
        index = planned(table, engine, out / PLAN_FOLDER, now)
        show_plan(index)
        record(engine.store, out, now)
    show_files(out)


def plan_table(source: Source, out: Path | None) -> None:
    """Plan only: nothing is reserved, nothing queued; say how it differs from the last plan."""
    now = datetime.now(UTC)
    folder = out or PLANS / f"{now:%Y%m%dT%H%M%SZ}"
    with opened_whole(environment(os.environ), now) as engine:
        table = _read(source, folder)
        index = _plan(table, engine, folder, now)
    show_plan(index)
    _compare(index, folder)
    say(f"commit it:  churn-saver decide --commit {folder}")


def commit_plan(folder: Path, out: Path | None) -> None:
    """Do what a plan says, once; a commit that was killed goes on where it stopped."""
    now = datetime.now(UTC)
    plans.read_index(folder)
    with open_books(environment(os.environ)) as store:
        record(store, out or folder, now, folder)
    show_files(out or folder)


@contextmanager
def opened_whole(variables: Environment, now: datetime) -> Iterator[Engine]:
    """Open the engine; a batch does not go on without predictors, unless that was asked for.

    Without the policy that was asked for it goes on: the knapsack decides, and screen and plan say so;
    without the bank of messages likewise, with plain sentences.

    Raises:
        ArtifactError: the predictors cannot be used; names what is wrong and the command that makes them.
    """
    with open_engine(variables, now) as opened:
        for lack in opened.degraded:
            if lack.code == PREDICTORS_UNAVAILABLE:
                raise ArtifactError(str(lack.fault))
            if lack.fault is None:
                note(f"{lack.code}: the propensity rule decides")
        yield opened.engine


def planned(table: CustomerTable, engine: Engine, folder: Path, now: datetime) -> plans.PlanIndex:
    """Make the plan, or take up the one that is there and was made from the very same things.

    Raises:
        InputError: the folder holds a plan made from another table, campaign, model or setting.
    """
    if not (folder / plans.INDEX).is_file():
        return _plan(table, engine, folder, now)
    found = plans.read_index(folder)
    if found.made_from != _made_from(table, engine, now):
        raise InputError(
            f"{folder} holds a plan made from another table, campaign, model or setting. Name another --out."
        )
    note(f"going on with the plan in {folder}, made at {found.made_at}")
    return found


def _plan(table: CustomerTable, engine: Engine, folder: Path, now: datetime) -> plans.PlanIndex:
    with bars() as progress:
        return plan(table.customers, engine, folder, now, progress, _made_from(table, engine, now))


def _made_from(table: CustomerTable, engine: Engine, now: datetime) -> str:
    """Name all that a plan is made from, but for what the ledger holds of the customers."""
    campaign = engine.store.campaigns.current(now)
    named = (
        table.sha256,
        table.reading,
        campaign.campaign_id if campaign else "",
        engine.predictors.version if engine.predictors else "",
        engine.rules.decider.label,
        *(() if engine.challenge is None else (engine.challenge.by.version, f"{engine.challenge.share}")),
        engine.rules.bank.version if engine.rules.bank else "",
        engine.rules.env.model_dump_json(),
        engine.rules.serve.model_dump_json(),
    )
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def record(store: Store, out: Path, now: datetime, folder: Path | None = None) -> pl.DataFrame:
    """Commit the plan of a run, write what the ledger now holds, and say so."""
    folder = folder or out / PLAN_FOLDER
    with bars() as progress:
        done = commit(folder, store, now, progress)
    frame = recorded(store, plans.read_index(folder))
    write_decisions(frame, out)
    _show_commit(done)
    return frame


def show_files(out: Path) -> None:
    """Say where the decisions are."""
    say(f"decisions  {out / CSV}\n           {out / PARQUET}")


def recorded(store: Store, index: plans.PlanIndex) -> pl.DataFrame:
    """Read back from the ledger what was recorded for a plan."""
    campaign = store.campaigns.get(index.campaign_id)
    return decisions_frame(store.records(key_prefix=f"{index.plan_id}:"), campaign)


def run_folder(now: datetime) -> Path:
    """Give the default folder of a run."""
    return Path("var/runs") / f"{now:%Y%m%dT%H%M%SZ}"


def show_plan(index: plans.PlanIndex) -> None:
    """Say in a few lines what a plan would do, who decided, and what it had to do without."""
    priced = "" if index.at_price is None else f", price of budget {index.at_price:.3f}"
    console.print(
        f"plan {index.plan_id}: {index.contacts:,} of {index.rows:,} customers contacted by {index.policy}, "
        f"at most {shown(index.needs_minor)} of {shown(index.free_minor)} free{priced}"
    )
    for lack in index.notes:
        note(lack)
    if index.not_due:
        note(f"{index.not_due:,} customers are not due yet and were left out")


def _show_commit(done: Committed) -> None:
    console.print(f"recorded {done.recorded:,} decisions, {done.contacts:,} of them contacts")
    if done.withheld:
        note(f"{done.withheld:,} planned contacts no longer fitted and were withheld")
    if done.unshadowed:
        note(f"of {done.unshadowed:,} decisions it could not be kept what the shadow would have done")
    if done.overtaken:
        note(f"{done.overtaken:,} customers were decided elsewhere in between")


def _compare(index: plans.PlanIndex, folder: Path) -> None:
    """Compare with the last plan of the campaign, and become the last plan."""
    pointer = PLANS / f"last-{index.campaign_id}"
    last = Path(pointer.read_text()) if pointer.is_file() else None
    if last is not None and (last / plans.INDEX).is_file() and last.resolve() != folder.resolve():
        found = plans.difference(last, folder)
        sign = "+" if found.needs_minor >= 0 else ""
        say(
            f"against {last}: {found.added:,} more contacted, {found.dropped:,} no longer, "
            f"{found.changed:,} with another offer, {found.same:,} the same; "
            f"reserve {sign}{shown(found.needs_minor)}"
        )
    else:
        console.print("no earlier plan of this campaign to compare with")
    write_bytes(pointer, str(folder.resolve()).encode())


def _read(source: Source, out: Path) -> CustomerTable:
    if source.path is None:
        raise InputError("no table was named; give a CSV, JSON lines or Parquet file of customers")
    table = read_customers(source, source.path, out)
    if "churned" in table.frame.columns:
        note("who left ('churned') is not read here: the predictors in service score")
    return table
