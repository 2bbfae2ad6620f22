"""One data set from download to folder: fetch → recipe → checks → files, report and manifest, all or nothing.

A data set that fails a check is not put where training looks: its report goes to `<name>-refused`, and
the one that stood there before stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from churn_saver.adapters.download import How, fetch
from churn_saver.adapters.files import remove_folder
from churn_saver.config import DataSettings, SourcesSettings, TabularSettings
from churn_saver.data.quality.examining import AGAINST_LAST, checksum, examine
from churn_saver.data.quality.wanted import Check
from churn_saver.domain.progress import Progress
from churn_saver.errors import QualityError, SourceAbsent, TableError
from churn_saver.pipeline.prepared import Prepared, Recipe, Taken
from churn_saver.pipeline.tables import prepare_bank, prepare_telco
from churn_saver.pipeline.texts import prepare_oasst1, prepare_preferences
from churn_saver.pipeline.wanting import wanted_of
from churn_saver.pipeline.writing import Judged, last_profile, write_prepared, write_refused

RAW, PROCESSED = Path("raw"), Path("processed")
"""Below the data folder."""
SOURCES: Mapping[str, tuple[str, ...]] = {
    "ibm_telco": ("ibm_telco",),
    "uci_bank": ("uci_bank",),
    "oasst1": ("oasst1",),
    "preferences": ("hh_rlhf", "shp2"),
}
"""Sources of each data set."""
REFUSED = "-refused"
"""Ends the name of the folder that says why a data set was not written."""
FULL = "full"
"""Set of sources.yaml for which the documented numbers of rows hold."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The files of ops/configs that bear on public data."""

    data: DataSettings
    sources: SourcesSettings
    tabular: TabularSettings


@dataclass(frozen=True, slots=True)
class Outcome:
    """A data set that was written."""

    name: str
    sets: Mapping[str, str | None]
    rows: Mapping[str, int]
    """By split."""
    left_out: int
    bad_rows: int
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    report: Path


def prepare(
    name: str,
    settings: Settings,
    folder: Path,
    how: How,
    report: Progress,
    skip_bad_rows: bool = False,
    accept_drift: bool = False,
) -> Outcome:
    """Prepare one data set.

    Args:
        name: One of `SOURCES`.
        settings: Of ops/configs.
        folder: The data folder, with raw/ and processed/ in it.
        how: How files are fetched.
        report: Told how far it is.
        skip_bad_rows: Go on without rows that cannot be used; they are written to rejects.csv.
        accept_drift: Do not compare with the last run: the data has changed and is meant to.

    Raises:
        InputError: a source is not to be had, or is not what it should be.
        TableError: a row cannot be used, unless they are skipped.
        QualityError: a check failed; the report that says so was written, the data was not.
    """
    taken, notes = _taken(name, settings.sources, folder / RAW, how, report)
    report(f"prepare {name}", 0, 1)
    prepared = _recipes(settings.tabular)[name](taken, settings.data)
    prepared = replace(prepared, notes=(*notes, *prepared.notes))
    place = folder / PROCESSED / name
    refused = place.with_name(name + REFUSED)
    report(f"prepare {name}", 1, 1)
    report(f"check {name}", 0, 1)
    full = all(one.set == FULL for one in taken.values()) and len(taken) == len(SOURCES[name])
    wanted = wanted_of(name, settings.data, full)
    last = None if accept_drift else last_profile(place)
    sums = [checksum(what, found, known) for what, (found, known) in prepared.checksums.items()]
    checks = examine(prepared.splits, wanted, last, sums)
    judged = Judged(name, settings.data, settings.sources, taken, prepared, wanted, checks, last)
    if prepared.rejects.height and not skip_bad_rows:
        raise _bad_rows(prepared, write_refused(refused, judged))
    failed = [check for check in checks if check.failed]
    if failed:
        raise _failed(name, failed, write_refused(refused, judged))
    page = write_prepared(place, judged)
    remove_folder(refused)
    report(f"check {name}", 1, 1)
    return Outcome(
        name,
        judged.sets,
        {split: frame.height for split, frame in prepared.splits.items()},
        sum(prepared.left_out.values()),
        prepared.rejects.height,
        checks,
        prepared.notes,
        page,
    )


def _taken(
    name: str, sources: SourcesSettings, raw: Path, how: How, report: Progress
) -> tuple[dict[str, Taken], tuple[str, ...]]:
    """Fetch the sources of a data set; of several, some may be absent from a mirror, never all."""
    taken: dict[str, Taken] = {}
    absent: dict[str, SourceAbsent] = {}
    for source in SOURCES[name]:
        try:
            taken[source] = Taken(*fetch(source, sources.sources[source], raw, how, report))
        except SourceAbsent as error:
            absent[source] = error
    if not taken:
        raise next(iter(absent.values()))
    others = {one: part.set for one, part in taken.items() if part.set != FULL}
    notes = [f"Of {one} the set '{part}' was taken, not '{FULL}'." for one, part in others.items()]
    notes += [f"Without {one}: it was not to be had where it was looked for." for one in absent]
    return taken, tuple(notes)


def _recipes(tabular: TabularSettings) -> Mapping[str, Recipe]:
    return {
        "ibm_telco": prepare_telco,
        "uci_bank": partial(prepare_bank, tabular=tabular),
        "oasst1": prepare_oasst1,
        "preferences": prepare_preferences,
    }


def _bad_rows(prepared: Prepared, place: Path) -> TableError:
    step = f"All of them stand in {place}. Mend them, or add --skip-bad-rows to go on without them."
    return TableError(prepared.faults, step)


def _failed(name: str, failed: Sequence[Check], page: Path) -> QualityError:
    number = "1 check" if len(failed) == 1 else f"{len(failed)} checks"
    lines = [f"{name} fails {number}, so it was not put where training looks for it"]
    for check in failed:
        rows = f" ({', '.join(check.rows)})" if check.rows else ""
        lines.append(f"  {check.name}: found {check.found}, wanted {check.wanted}{rows}")
    step = f"Report: {page}. Limits stand in data.yaml."
    if any(check.name in AGAINST_LAST for check in failed):
        step += " If the data has changed and is meant to, add --accept-drift."
    return QualityError("\n".join([*lines, step]))
