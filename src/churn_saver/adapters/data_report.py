"""What a check of a data set found, as plain values for JSON and as one page for people.

The page takes every figure from the plain values. Knows no clock and no file: the same input gives
the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import polars as pl
from jinja2 import UndefinedError

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.data_view import view
from churn_saver.adapters.pages import templates
from churn_saver.data.quality.distributions import (
    Histogram,
    Words,
    distributions,
    length_differences,
    text_lengths,
)
from churn_saver.data.quality.drift import drift
from churn_saver.data.quality.profile import Profile, profile
from churn_saver.data.quality.split_checks import countable
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import Fault, InputError, shown
from churn_saver.evidence.shares import wilson

SCHEMA = 1
"""Raised when an old report could no longer be set as a page."""
FAULTS_SHOWN = 20
PAGE, FIGURES = "report.html", "report.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """A file that the data set was made from, or that was made of it."""

    file: str
    sha256: str
    size: int
    """Bytes."""
    licence: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows that cannot be used."""

    rows: int
    faults: Sequence[Fault]
    """The first of them; `FAULTS_SHOWN` are shown."""
    file: str | None = None
    """Where the rows stand as they came."""
    total: int | None = None
    """Faults in all; None: those given."""


@dataclass(frozen=True, slots=True)
class About:
    """What a data report says of the data set beside what was measured."""

    dataset: str
    """Short name, as in commands."""
    title: str
    unit: str = "rows"
    """What a row is, in the plural: customers, pairs."""
    sets: Mapping[str, str | None] = field(default_factory=dict)
    """Which set of each source was taken; None: the source was not to be had."""
    cites: Sequence[tuple[str, str, str, str]] = ()
    """(source, licence, citation, page of origin)."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many rows were left out on purpose, by reason."""
    sources: Sequence[Origin] = ()
    outputs: Sequence[Origin] = ()
    seed: int | None = None
    code: str = ""
    command: str = ""
    """Makes the data set again."""
    notes: Sequence[str] = ()
    """What else a reader must know, one sentence each."""
    rejects: Rejects | None = None
    """None: rows are not what was checked."""


def written(
    about: About,
    splits: Mapping[str, pl.DataFrame],
    wanted: Wanted,
    checks: Sequence[Check],
    last: Profile | None = None,
) -> dict[str, bytes]:
    """Give the report as the files `FIGURES` and `PAGE`; arguments as in `report_dict`."""
    figures = canonical(report_dict(about, splits, wanted, checks, last))
    return {FIGURES: figures, PAGE: data_report(json.loads(figures)).encode()}


def report_dict(
    about: About,
    splits: Mapping[str, pl.DataFrame],
    wanted: Wanted,
    checks: Sequence[Check],
    last: Profile | None = None,
) -> dict[str, object]:
    """Give everything that the report says, as plain values for JSON.

    Args:
        about: What is to be said of the data set.
        splits: As in `quality.examine`.
        wanted: As in `quality.examine`.
        checks: What it found.
        last: Profile that the last run left; None: there was none.
    """
    frame = pl.concat(list(splits.values()), how="diagonal_relaxed")
    known = profile(frame)
    label = wanted.label if wanted.label is not None and countable(frame, wanted.label) else None
    return {
        "schema": SCHEMA,
        "dataset": about.dataset,
        "title": about.title,
        "unit": about.unit,
        "sets": dict(about.sets),
        "cites": [
            dict(zip(("source", "licence", "cite", "page"), cite, strict=True)) for cite in about.cites
        ],
        "rows": frame.height,
        "left_out": [{"reason": reason, "rows": n} for reason, n in about.left_out.items()],
        "label": label,
        "splits": [_split(name, part, frame.height, label, wanted) for name, part in splits.items()],
        "checks": [_check(check) for check in checks],
        "profile": known.to_dict(),
        "pictures": _pictured(frame, known, label, wanted),
        "drift": None if last is None else _drift(last, frame, wanted),
        "rejects": None if about.rejects is None else _rejects(about.rejects),
        "sources": [asdict(entry) for entry in about.sources],
        "outputs": [asdict(entry) for entry in about.outputs],
        "seed": about.seed,
        "code": about.code,
        "command": about.command,
        "notes": list(about.notes),
    }


def data_report(report: Mapping[str, object]) -> str:
    """Set the page.

    Args:
        report: From `report_dict`, or read back from its JSON.

    Raises:
        InputError: the report is of another version; names what it lacks.
    """
    if report.get("schema") != SCHEMA:
        raise _another_version(f"schema {report.get('schema')!r}, wanted {SCHEMA}")
    try:
        return templates().get_template("data.html.j2").render(r=report, v=view(report))
    except (UndefinedError, KeyError, TypeError, ValueError, IndexError) as error:
        raise _another_version(repr(error)) from error


def _another_version(what: str) -> InputError:
    return InputError(f"the data report is of another version ({what}); make it again: make data.all")


def _split(name: str, part: pl.DataFrame, rows: int, label: str | None, wanted: Wanted) -> dict[str, object]:
    return {
        "name": name,
        "rows": part.height,
        "share": part.height / rows if rows else None,
        "wanted": wanted.shares.get(name),
        "label": _ones(part, label) if label is not None else None,
    }


def _ones(part: pl.DataFrame, label: str) -> dict[str, object] | None:
    """Count the ones among the rows that have a label, with the 95 % interval of their share."""
    values = part[label].drop_nulls() if label in part.columns else pl.Series([], dtype=pl.Int8)
    if len(values) == 0:
        return None
    ones, rows = int(values.cast(pl.Int64).sum()), len(values)
    low, high = wilson(np.array([float(ones)]), np.array([float(rows)]), 0.95)
    return {"ones": ones, "rows": rows, "share": ones / rows, "low": float(low[0]), "high": float(high[0])}


def _check(check: Check) -> dict[str, object]:
    return asdict(check) | {"rows": list(check.rows), "verdict": check.verdict}


def _pictured(
    frame: pl.DataFrame, known: Profile, label: str | None, wanted: Wanted
) -> list[dict[str, object]]:
    """Count what the pictures show: lengths of texts, or the columns that tell most."""
    texts = [name for name in wanted.texts if frame.schema.get(name) == pl.String]
    found: list[Histogram | Words | None] = []
    if texts:
        found.append(text_lengths(frame, texts))
        if wanted.preference is not None and set(wanted.preference) <= set(texts):
            found.append(length_differences(frame, *wanted.preference))
    found += distributions(frame, known, label)
    return [_plain(one) for one in found if one is not None]


def _plain(found: Histogram | Words) -> dict[str, object]:
    if isinstance(found, Words):
        entries = [dict(zip(("word", "rows", "ones"), word, strict=True)) for word in found.words]
        return {"kind": "words", "column": found.column, "words": entries}
    groups = [asdict(group) | {"counts": list(group.counts)} for group in found.groups]
    return asdict(found) | {"kind": "histogram", "edges": list(found.edges), "groups": groups}


def _drift(last: Profile, frame: pl.DataFrame, wanted: Wanted) -> dict[str, object]:
    moved = drift(last, frame)
    moves = [
        {"column": name, "psi": move.psi, "chance": move.chance, "chance_alone": move.is_chance}
        for name, move in sorted(moved.moves.items(), key=lambda entry: (-entry[1].psi, entry[0]))
    ]
    return {
        "rows": last.rows, "note": wanted.psi_note, "fail": wanted.psi_fail, "moves": moves,
        "came": list(moved.came), "went": list(moved.went), "changed": list(moved.changed),
    }  # fmt: skip


def _rejects(rejects: Rejects) -> dict[str, object]:
    told = [asdict(fault) for fault in rejects.faults[:FAULTS_SHOWN]]
    for fault in told:
        fault["file"], fault["column"] = shown(fault["file"]), shown(fault["column"])
    total = rejects.total if rejects.total is not None else len(rejects.faults)
    return {"rows": rejects.rows, "faults": total, "file": rejects.file, "shown": told}
