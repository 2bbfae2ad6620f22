"""Check a company's own table: a line for each fault, a page, and the rows that cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from churn_saver import __version__
from churn_saver.adapters.data_report import PAGE, About, Origin, Rejects, written
from churn_saver.adapters.files import write_folder
from churn_saver.cli.screen import bars, counted, note, say
from churn_saver.cli.tables import Source
from churn_saver.data.checking.streaming import Verdict
from churn_saver.data.quality.examining import examine
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import LONGEST_LINE, TableError, listed, shown
from churn_saver.pipeline.company import REJECTS, check_file

MOST_LOOKED_AT = 1_000_000
"""Good rows that the page describes; all rows are checked."""
IDS = {"churn": "customer_id", "customers": "customer_id", "messages": "message_id"}
"""Column that names a row, by kind."""
LABELS = {"churn": "churned", "accept": "accepted"}
"""Column of 0 and 1, by kind."""
PAIR = ("chosen", "rejected")
TEXTS = {"pairs": ("prompt", *PAIR), "messages": ("text",)}
"""Columns of texts, by kind."""


@dataclass(slots=True)
class Looked:
    """The first good rows, kept for the page."""

    rows: int = 0
    frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Keep a block of good rows, as long as there is room."""
        part = frame.head(MOST_LOOKED_AT - self.rows)
        if part.height:
            self.frames.append(part)
            self.rows += part.height


def check_table(
    file: Path,
    kind: str,
    out: Path | None,
    keep: Path | None,
    mapping: Sequence[str] | None,
    mapping_file: Path | None,
) -> None:
    """Check a table, write its report and rejects, and say what was found.

    Raises:
        TableError: a row cannot be used (the report was written all the same), or the file is no table.
        InputError: the file cannot be read, or is to be checked as something nobody knows.
    """
    place = out or Path("var/checks") / file.name
    names = Source.of(file, mapping, mapping_file, False).mapping
    looked = Looked()
    with bars() as progress:
        verdict = check_file(file, kind, names, place, keep, progress, looked.add)
    if verdict.ignored:
        note(f"columns not used: {listed(verdict.ignored)}")
    checks = _report(place, file, kind, verdict, looked)
    for check in checks:
        if not check.passed:
            note(f"{check.name}: {check.found}")
    say(f"report  {shown(str(place / PAGE), LONGEST_LINE)}")
    if keep is not None and keep.is_file():
        say(f"kept    {keep}  {counted(verdict.good, 'good row')}")
    if verdict.bad:
        say(f"rejects {shown(str(place / REJECTS), LONGEST_LINE)}  {counted(verdict.bad, 'bad row')}")
    if verdict.faults:
        raise TableError(verdict.faults, _next_step(verdict, keep), verdict.fault_count)
    say(
        f"{counted(verdict.rows, 'row')}, every one of them good"
        if verdict.rows
        else "no row below the header"
    )


def _report(place: Path, file: Path, kind: str, verdict: Verdict, looked: Looked) -> tuple[Check, ...]:
    """Write the page and its figures beside the rejects; give what is worth a note."""
    frame = pl.concat(looked.frames, how="diagonal_relaxed") if looked.frames else pl.DataFrame()
    wanted = Wanted(
        id_column=IDS.get(kind),
        label=LABELS.get(kind),
        texts=TEXTS.get(kind, ()),
        repeated=1.0,
        preference=PAIR if kind == "pairs" else None,
        missing_elsewhere=1.0,
    )
    checks = examine({"table": frame}, wanted) if frame.height else ()
    notes = [f"All rows were checked; the first {looked.rows:,} good ones are described."]
    about = About(
        dataset=kind,
        title=file.name,
        sources=[Origin(file.name, verdict.sha256, verdict.size, rows=verdict.rows)],
        code=__version__,
        command=f"churn-saver data check {file} --as {kind}",
        notes=notes if looked.rows < verdict.good else (),
        rejects=Rejects(verdict.bad, verdict.faults, REJECTS, verdict.fault_count),
    )
    write_folder(place, written(about, {"table": frame}, wanted, checks))
    return checks


def _next_step(verdict: Verdict, keep: Path | None) -> str:
    lost = f"{counted(verdict.bad, 'row')} of {verdict.rows:,} cannot be used."
    if verdict.whole:
        return f"{lost} Mend the column: it spoils every row."
    if not verdict.good:
        return f"{lost} Mend them."
    if keep is not None:
        return f"{lost} Mend them; the good ones stand in {keep}."
    return f"{lost} Mend them, or add --keep good.parquet to go on without them."
