"""Upload prepared data to a folder or a bucket, and read it again to compare it with its manifest."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from churn_saver.adapters.data_report import FIGURES, PAGE
from churn_saver.adapters.files import read_bytes
from churn_saver.adapters.manifests import MANIFEST, read_manifest
from churn_saver.adapters.places import place, upload, verify
from churn_saver.cli.data_preparing import known
from churn_saver.cli.screen import bars, console, counted, note, say
from churn_saver.config import environment
from churn_saver.errors import ArtifactError, InputError
from churn_saver.pipeline.company import REJECTS
from churn_saver.pipeline.run import PROCESSED, SOURCES

MEGABYTE = 1e6


def upload_datasets(names: Sequence[str] | None, data: Path, to: str | None, replace: bool) -> None:
    """Upload data sets, each to processed/<name> below the place.

    Raises:
        InputError: nothing is prepared, or another version stands at the place.
    """
    bucket = environment(os.environ).GCS_DATA_BUCKET
    if not (to or bucket):
        raise InputError(
            "no place to upload to: set GCS_DATA_BUCKET to a bucket, or name a place with --to "
            "(gs://bucket/prefix, or a folder)"
        )
    base = (to or f"gs://{str(bucket).removeprefix('gs://')}").rstrip("/")
    wanted = known(names) if names else _prepared(data / PROCESSED)
    if not wanted:
        raise InputError(f"{data / PROCESSED} holds no prepared data. Prepare it first: make data.all")
    table = Table("data set", "files written", "there already", "MB sent")
    for name in wanted:
        where = f"{base}/{PROCESSED.as_posix()}/{name}"
        _require_own(data / PROCESSED / name)
        with bars(passing=True) as progress:
            done = upload(data / PROCESSED / name, place(where), progress, replace)
        sent = f"{done.bytes_sent / MEGABYTE:.1f}"
        table.add_row(name, str(len(done.new)), str(len(done.there)), sent)
    console.print(table)
    say(f"at  {base}/{PROCESSED.as_posix()}/")


def _require_own(folder: Path) -> None:
    """Let a folder pass whose manifest is of the data set that the folder is named after.

    Raises:
        InputError: it is another's, or cannot be read.
        ArtifactError: it is no manifest.
    """
    path = folder / MANIFEST
    dataset = read_manifest(read_bytes(path, f"make data.{folder.name}"), str(path)).dataset
    if dataset != folder.name:
        raise InputError(
            f"{path} is of the data set {dataset!r}, wanted {folder.name!r}: make data.{folder.name}"
        )


def _prepared(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(name for name in SOURCES if (folder / name / MANIFEST).is_file())
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be looked at ({error.strerror}). Free this place."
        ) from error


def verify_datasets(where: str) -> None:
    """Verify the data set at a place, or each of those below it.

    Raises:
        ArtifactError: a file is not what its manifest says; names every such file.
        InputError: there is no data set.
    """
    base = where.rstrip("/") or "/"
    below = [f"{base}/{name}" for name in SOURCES]
    whole = [one for one in (base, *below) if place(one).stat(MANIFEST) is not None]
    # Files without a manifest are an upload that was cut off.
    cut_off = [one for one in below if one not in whole and place(one).names()]
    if not (whole or cut_off):
        raise InputError(
            f"{where} holds no {MANIFEST}, nor does a folder of it that is named after a data set "
            f"({', '.join(SOURCES)}): name the folder of one, or the one above them"
        )
    faults: list[str] = []
    for one in (*whole, *cut_off):
        with bars(passing=True) as progress:
            verified = verify(place(one), progress)
        faults += verified.faults
        if not verified.faults:
            size = f"{verified.bytes / MEGABYTE:.1f} MB"
            say(f"{verified.dataset}: {counted(verified.files, 'file')}, {size}, as the manifest says")
        others = sorted(set(verified.notes) - {PAGE, FIGURES, REJECTS})
        if others:
            note(f"{one}: nobody vouches for {', '.join(others)}")
    if faults:
        raise ArtifactError("\n".join([*faults, "Upload or prepare these data sets again."]))
