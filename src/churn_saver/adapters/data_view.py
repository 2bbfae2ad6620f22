"""Read a data report's plain values for its page: headline, rows of tables, pictures.

Works out no figure that the report does not hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from churn_saver.adapters import data_pictures as pictures
from churn_saver.adapters.plain_words import count, percent

_WORDS_SHOWN = 3
_ORDER = ("failed", "note", "passed")
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A line of the table of columns."""

    name: str
    kind: str
    dtype: str
    missing: str
    distinct: str
    holds: str
    """Range and middle, or the most frequent words."""


@dataclass(frozen=True, slots=True)
class View:
    """What the page says beside the report's own values."""

    headline: str
    lead: str
    failed: int
    notes: int
    passed: int
    checks: tuple[Mapping[str, object], ...]
    """Failed ones first, then notes."""
    columns: tuple[ColumnRow, ...]
    label_picture: str
    """SVG, '' without a label."""
    pictures: tuple[str, ...]
    drift_picture: str
    """SVG, '' without an earlier run."""
    provenance: tuple[tuple[str, str], ...]


def view(report: Mapping[str, object]) -> View:
    """Prepare a report for its page.

    Args:
        report: From `data_report.report_dict`, or read back from its JSON.

    Raises:
        KeyError: the report lacks something. TypeError, ValueError: it holds something else.
    """
    r = cast("Mapping[str, Any]", report)
    verdicts = [check["verdict"] for check in r["checks"]]
    failed, notes = verdicts.count("failed"), verdicts.count("note")
    label = r["label"]
    labelled = label is not None and any(split["label"] for split in r["splits"])
    drift = r["drift"]
    return View(
        headline=_headline(r, failed, notes),
        lead=_lead(failed, notes, r["rejects"]),
        failed=failed,
        notes=notes,
        passed=verdicts.count("passed"),
        checks=tuple(sorted(r["checks"], key=lambda check: _ORDER.index(check["verdict"]))),
        columns=tuple(_column(column, r["profile"]["rows"]) for column in r["profile"]["columns"]),
        label_picture=pictures.label_shares(r["splits"], label) if labelled else "",
        pictures=tuple(
            pictures.histogram(one) if one["kind"] == "histogram" else pictures.words(one, label)
            for one in r["pictures"]
        ),
        drift_picture=pictures.moves(drift["moves"], drift["note"], drift["fail"])
        if drift and drift["moves"]
        else "",
        provenance=_provenance(r),
    )


def _headline(r: Mapping[str, Any], failed: int, notes: int) -> str:
    rejects = r["rejects"]["rows"] if r["rejects"] is not None else 0
    lost = f" can be used, {_counted(rejects, 'rows')} cannot" if rejects else ""
    return f"{_counted(r['rows'], r['unit'])}{lost}: {_outcome(len(r['checks']), failed, notes)}"


def _counted(n: int, unit: str) -> str:
    return f"{count(n)} {unit[:-1] if n == 1 and unit.endswith('s') else unit}"


def _outcome(checks: int, failed: int, notes: int) -> str:
    if not checks:
        return "nothing else was checked"
    if failed:
        return f"{failed} of {checks} checks failed"
    if notes:
        return f"no check failed, {checks - notes} of {checks} passed"
    return f"all {checks} checks passed" if checks > 1 else "the one check passed"


def _lead(failed: int, notes: int, rejects: Mapping[str, Any] | None) -> str:
    said = []
    if rejects is not None and rejects["rows"]:
        said.append("Every row that cannot be used is listed with its faults; the figures are of the others.")
    if failed:
        said.append("The data must not be used as it is: see what failed, and where, in the checks below.")
    elif not said:
        said.append("The data can be used.")
    if notes:
        said.append(f"{notes} {'thing is' if notes == 1 else 'things are'} worth a look.")
    return " ".join(said)


def _column(column: Mapping[str, Any], rows: int) -> ColumnRow:
    share = column["missing"] / rows if rows else None
    return ColumnRow(
        column["name"],
        column["kind"],
        column["dtype"],
        "–" if not column["missing"] else f"{count(column['missing'])} ({percent(share)})",
        "not counted" if column["distinct"] is None else count(column["distinct"]),
        _holds(column),
    )


def _holds(column: Mapping[str, Any]) -> str:
    if column["kind"] == "words":
        total = max(sum(column["counts"]), 1)
        named = list(zip((*column["words"], "others"), column["counts"], strict=True))
        parts = [f"{_cut(word)} {percent(n / total)}" for word, n in named[:_WORDS_SHOWN] if n]
        rest = sum(n for _, n in named[_WORDS_SHOWN:])
        return ", ".join([*parts, f"others {percent(rest / total)}"] if rest else parts)
    if column["least"] is None:
        return {"id": "only counted", "other": "not looked into"}.get(column["kind"], "no value")
    low, middle, high = (_number(column[key]) for key in ("least", "median", "largest"))
    unit = " characters" if column["kind"] == "text" else ""
    return f"{low} to {high}{unit}, median {middle}, mean {_number(column['mean'])}"


def _provenance(r: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = [(f"Set of {source}", taken or "not to be had") for source, taken in sorted(r["sets"].items())]
    rows += [
        (f"Source {entry['file']}", f"SHA-256 {entry['sha256']}, {count(entry['size'])} bytes")
        for entry in r["sources"]
    ]
    for entry in r["outputs"]:
        height = "" if entry["rows"] is None else f"{count(entry['rows'])} rows, "
        rows.append((f"Output {entry['file']}",
                     f"SHA-256 {entry['sha256']}, {height}{count(entry['size'])} bytes"))  # fmt: skip
    if r["seed"] is not None:
        rows.append(("Seed of the splits", str(r["seed"])))
    return (*rows, *((("Code", r["code"]),) if r["code"] else ()))


def _cut(word: str) -> str:
    word = word or "(blank)"
    return word if len(word) <= _LONGEST_CELL else word[: _LONGEST_CELL - 1] + "…"


def _number(value: float) -> str:
    shown = f"{value:,.0f}" if value == round(value) else f"{value:,.5g}"
    return shown.replace("-", "−")
