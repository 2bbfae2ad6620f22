"""Prepare public data sets, with bars, a table of what came out and a page for each."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from churn_saver.adapters.download import How
from churn_saver.adapters.secrets import secret
from churn_saver.cli.screen import bars, console, note, say
from churn_saver.config import environment
from churn_saver.data.splitting import SPLITS
from churn_saver.errors import InputError
from churn_saver.opening import read_data_settings, read_settings
from churn_saver.pipeline.run import SOURCES, Outcome, Settings, prepare


def prepare_datasets(
    names: Sequence[str] | None,
    data: Path,
    mirror: str | None,
    offline: bool,
    skip_bad_rows: bool,
    accept_drift: bool,
) -> None:
    """Prepare data sets one after another; each is whole on disk before the next begins.

    Raises:
        InputError: a name is no data set, or a source is not to be had.
        QualityError: a data set fails a check.
    """
    wanted = known(names)
    variables = environment(os.environ)
    data_settings, sources = read_data_settings(variables)
    _, _, tabular = read_settings(variables)
    settings = Settings(data_settings, sources, tabular)
    reference = variables.SECRET_RLHF_TOKEN
    how = How(sources.hosts, offline, mirror, lambda: None if reference is None else secret(reference), note)
    started = time.monotonic()
    outcomes = []
    try:
        for name in wanted:
            with bars() as progress:
                outcomes.append(prepare(name, settings, data, how, progress, skip_bad_rows, accept_drift))
            for line in outcomes[-1].notes:
                note(f"{name}: {line}")
            for check in outcomes[-1].checks:
                if not check.passed:
                    note(f"{name}: {check.name}: {check.found}")
    finally:
        # When one fails, those before it are on disk, and the reader is told of them.
        if outcomes:
            show(outcomes)
        for outcome in outcomes:
            say(f"report  {outcome.report}")
    say(f"{time.monotonic() - started:.0f} s")


def known(names: Sequence[str] | None) -> tuple[str, ...]:
    """Give the data sets meant, all of them when none is named.

    Raises:
        InputError: a name is no data set.
    """
    for name in names or ():
        if name not in SOURCES:
            raise InputError(f"{name!r} is no data set, wanted one of: {', '.join(SOURCES)}")
    return tuple(dict.fromkeys(names or SOURCES))


def show(outcomes: Sequence[Outcome]) -> None:
    """Print rows by split, what was left out, and what the checks say."""
    table = Table("data set", *SPLITS, "left out", "bad rows", "passed", "notes")
    for column in table.columns[1:]:
        column.justify = "right"
    table.columns[0].no_wrap = True
    for outcome in outcomes:
        counts = [*(outcome.rows[split] for split in SPLITS), outcome.left_out, outcome.bad_rows]
        passed = sum(check.passed for check in outcome.checks)
        counts += [passed, len(outcome.checks) - passed]
        table.add_row(outcome.name, *(f"{count:,}" for count in counts))
    console.print(table)
