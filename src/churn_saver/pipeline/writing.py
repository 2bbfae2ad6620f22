"""Put a prepared data set, its manifest and its report on disk: all of it or nothing."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from churn_saver import __version__
from churn_saver.adapters.data_report import PAGE, About, Origin, Rejects, written
from churn_saver.adapters.files import read_bytes, write_folder
from churn_saver.adapters.manifests import MANIFEST, FileEntry, Manifest, SourceEntry, read_manifest
from churn_saver.config import DataSettings, SourcesSettings
from churn_saver.data.quality.profile import Profile, profile
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import ArtifactError, InputError
from churn_saver.pipeline.company import REJECTS
from churn_saver.pipeline.prepared import Prepared, Taken

UNITS = {
    "ibm_telco": "customers", "uci_bank": "contacts", "oasst1": "prompts with their reply",
    "preferences": "preference pairs",
}  # fmt: skip
"""What a row is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A prepared data set, what was wanted of it and what the checks found."""

    name: str
    data: DataSettings
    sources: SourcesSettings
    taken: Mapping[str, Taken]
    prepared: Prepared
    wanted: Wanted
    checks: tuple[Check, ...]
    last: Profile | None

    @property
    def sets(self) -> dict[str, str | None]:
        """Name the set taken of each source; None where the source was not to be had."""
        mix = self.data.preferences.mix if self.name == "preferences" else (self.name,)
        return {one: self.taken[one].set if one in self.taken else None for one in mix}


def last_profile(place: Path) -> Profile | None:
    """Read what the data looked like at the last run; None: there was none.

    Raises:
        ArtifactError: there is a manifest that cannot be used.
        InputError: nobody may look there.
    """
    path = place / MANIFEST
    try:
        if not path.is_file():
            return None
    except OSError as error:
        raise InputError(f"{path} cannot be looked at ({error.strerror}). Free this place.") from error
    try:
        return Profile.from_dict(read_manifest(read_bytes(path, "make data.all"), str(path)).profile)
    except (ArtifactError, InputError) as error:
        step = f"Nothing can be compared with it: churn-saver data prepare {place.name} --accept-drift"
        raise ArtifactError(f"{error}\n{step}") from error


def write_prepared(place: Path, judged: Judged) -> Path:
    """Write splits, manifest and report in the place of the last ones.

    Returns:
        The page.

    Raises:
        InputError: the place cannot be written to.
    """
    form = judged.prepared.form
    contents = {f"{split}.{form}": _bytes(part, form) for split, part in judged.prepared.splits.items()}
    files = {
        name: _entry(contents[name], part)
        for name, part in zip(contents, judged.prepared.splits.values(), strict=True)
    }
    manifest = _manifest(judged, files)
    outputs = [Origin(name, entry.sha256, entry.size, "", entry.rows) for name, entry in files.items()]
    everything = contents | _report(judged, outputs) | {MANIFEST: manifest.to_bytes()}
    write_folder(place, everything, keep_others=False)
    return place / PAGE


def write_refused(place: Path, judged: Judged) -> Path:
    """Write the report and the rejects of a data set that must not be used.

    Returns:
        The rejects if there are any, else the page.
    """
    write_folder(place, _report(judged, []), keep_others=False)
    return place / (REJECTS if judged.prepared.rejects.height else PAGE)


def _bytes(frame: pl.DataFrame, form: str) -> bytes:
    sink = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(sink)
    else:
        frame.write_ndjson(sink)
    return sink.getvalue()


def _entry(content: bytes, frame: pl.DataFrame) -> FileEntry:
    columns = {name: str(dtype) for name, dtype in frame.schema.items()}
    return FileEntry(hashlib.sha256(content).hexdigest(), len(content), frame.height, columns)


def _manifest(judged: Judged, files: Mapping[str, FileEntry]) -> Manifest:
    sources = [
        SourceEntry(raw.name, raw.sha256, raw.size, judged.sources.sources[source].licence)
        for source, taken in judged.taken.items()
        for raw in taken.files
    ]
    return Manifest(
        dataset=judged.name,
        code=__version__,
        seed=judged.data.seed,
        settings={"shares": judged.data.shares.model_dump()} | dict(judged.prepared.settings),
        sets=judged.sets,
        sources=tuple(sources),
        files=files,
        left_out=judged.prepared.left_out,
        profile=profile(judged.prepared.whole).to_dict(),
    )


def _report(judged: Judged, outputs: list[Origin]) -> dict[str, bytes]:
    """Give the report as page and figures, and the rejects if there are any."""
    prepared = judged.prepared
    bad = prepared.rejects.height
    described = {name: judged.sources.sources[name] for name in judged.taken}
    about = About(
        dataset=judged.name,
        title=" and ".join(source.title for source in described.values()),
        unit=UNITS[judged.name],
        sets=judged.sets,
        cites=[(name, one.licence, one.cite, one.page) for name, one in described.items()],
        left_out=prepared.left_out,
        sources=[
            Origin(raw.name, raw.sha256, raw.size, described[name].licence)
            for name, taken in judged.taken.items()
            for raw in taken.files
        ],
        outputs=outputs,
        seed=judged.data.seed,
        code=__version__,
        command=f"make data.{judged.name}",
        notes=prepared.notes,
        rejects=Rejects(bad, prepared.faults, REJECTS) if bad else None,
    )
    contents = written(about, prepared.splits, judged.wanted, judged.checks, judged.last)
    if bad:
        contents[REJECTS] = prepared.rejects.write_csv().encode()
    return contents
