"""Raw files of the public data: fetched once, whole, with the right hash, and never edited.

A file is looked for in the raw folder, then in the mirror if one is named, else at its addresses in
order. It appears in the raw folder when its size and SHA-256 are right, or not at all. Nothing is
unpacked here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from churn_saver.adapters.download.addresses import Rules, shown
from churn_saver.adapters.download.hubs import HubClient, KaggleClient, from_client, huggingface, kaggle
from churn_saver.adapters.download.meter import Meter
from churn_saver.adapters.download.mirror import FolderMirror, Mirror, mirror_at
from churn_saver.adapters.download.parts import Part, held
from churn_saver.adapters.download.patience import Patience
from churn_saver.adapters.download.streaming import MOST_BYTES, Size, stream
from churn_saver.adapters.download.vouching import Raw, judged, judged_from_mirror, kept, size_in_mirror
from churn_saver.config import Address, Source, SourceFile
from churn_saver.domain.progress import Progress
from churn_saver.errors import ConfigError, InputError, SourceAbsent

__all__ = ["How", "Raw", "fetch", "named"]

HUB_STEP = "accept the terms on the page of the data set and put a token into SECRET_RLHF_TOKEN"
KAGGLE_STEP = "put a token of your Kaggle account into KAGGLE_API_TOKEN"


@dataclass(frozen=True, slots=True)
class How:
    """How files are fetched."""

    hosts: tuple[str, ...] = ()
    """Hosts that redirects may lead to."""
    offline: bool = False
    """Touch no network; a mirror folder may be used."""
    mirror: str | None = None
    """Folder, or address, to take all files from instead of their own addresses. May be http."""
    token: Callable[[], str | None] = lambda: None
    """Token of the Hugging Face hub, asked for only when the hub is."""
    note: Callable[[str], None] = lambda _: None
    """Hears of an address that failed when another one is left."""
    patience: Patience = field(default_factory=Patience)
    hub: HubClient = huggingface
    kaggle: KaggleClient = kaggle


def fetch(name: str, source: Source, raw: Path, how: How, report: Progress) -> tuple[str, tuple[Raw, ...]]:
    """Bring one set of files of a source into the raw folder.

    Without a mirror the first set is taken. With one, or offline, the first set whose files are all
    in the raw folder or the mirror.

    Args:
        name: Name of the source, for messages.
        source: Its files and where they are.
        raw: The raw folder; made if absent.
        how: How to fetch.
        report: Told bytes done and bytes wanted of each file.

    Returns:
        Name of the set, and its files.

    Raises:
        SourceAbsent: no set is whole in the mirror, or offline in the raw folder.
        InputError: a file cannot be had, or is not what it should be; says which, where and why.
    """
    mirror = None
    if how.mirror is not None:
        mirror = mirror_at(how.mirror, how.hosts, how.patience)
        if how.offline and not isinstance(mirror, FolderMirror):
            raise InputError(
                f"{shown(how.mirror)} needs the network. Next step: name a folder, or leave out --offline"
            )
    taken = next(iter(source.sets))
    if mirror is not None or how.offline:
        taken = _first_whole_set(name, source, raw, mirror)
    return taken, tuple(_have(file, raw, how, mirror, report) for file in source.sets[taken])


def _first_whole_set(name: str, source: Source, raw: Path, mirror: Mirror | None) -> str:
    absent: list[str] = []
    for taken, files in source.sets.items():
        missing = [
            f.path for f in files if not _is_there(raw / f.path) and not (mirror and mirror.has(f.path))
        ]
        if not missing:
            return taken
        absent.append(f"  {taken}: absent {', '.join(missing)}")
    where = f"{raw} or {mirror.name('')}" if mirror else f"{raw}, and offline nothing is fetched"
    step = f"Next step: put the files of one set there ({source.page}), or run without --offline and --from"
    raise SourceAbsent("\n".join([f"{name}: no set of files is whole in {where}", *absent, step]))


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError as error:
        raise InputError(
            f"{place} cannot be looked at ({error.strerror}). Next step: free it, or name another folder"
        ) from error


def _have(file: SourceFile, raw: Path, how: How, mirror: Mirror | None, report: Progress) -> Raw:
    """Give one file, from the raw folder if it is there."""
    place = raw / file.path
    if _is_there(place):
        return kept(file, raw)
    with held(place) as part:
        if _is_there(place):  # Another process was quicker.
            return kept(file, raw)
        meter = Meter(report, f"download {file.path}")
        if mirror is None:
            return _from_addresses(file, raw, part, how, meter)
        mirror.fill(file.path, part, size_in_mirror(file, raw), meter)
        return judged_from_mirror(file, raw, part, mirror.name(file.path))


def _from_addresses(file: SourceFile, raw: Path, part: Part, how: How, meter: Meter) -> Raw:
    faults: list[str] = []
    for turn, address in enumerate(file.at, start=1):
        try:
            _fill(address, part, how, meter)
            wanted = (address.sha256,) if address.sha256 else ()
            return judged(file, raw, part, named(address), wanted, address.size)
        except (InputError, ConfigError) as error:
            where = named(address)
            faults.append(str(error) if str(error).startswith(where) else f"{where}: {error}")
            if turn < len(file.at):
                how.note(f"{file.path}: {error}. Trying {named(file.at[turn])}")
    raise InputError(
        "\n".join(
            [f"{file.path} cannot be had from any of its addresses", *(f"  {fault}" for fault in faults)]
        )
        + "\nNext step: see each line; or take the file from elsewhere with --from"
    )


def named(address: Address) -> str:
    """Name an address for a person, without secrets."""
    if address.https is not None:
        return shown(address.https)
    if address.hf is not None:
        return f"huggingface {address.hf} {address.file}"
    return f"kaggle {address.kaggle} {address.file}"


def _fill(address: Address, part: Part, how: How, meter: Meter) -> None:
    """Bring bytes into the part, by the way that the address asks for."""
    if address.https is not None:
        stream(address.https, part, Size(address.size), Rules(how.hosts), how.patience, meter)
        return
    file, most = address.file or "", address.size or MOST_BYTES
    meter(0, address.size or 0)
    if address.hf is not None:
        repo, token = address.hf, how.token()
        from_client(
            named(address), part, most, token, HUB_STEP,
            lambda folder: how.hub(repo, file, address.revision, token, folder),
        )  # fmt: skip
    else:
        handle = address.kaggle or ""
        from_client(
            named(address), part, most, None, KAGGLE_STEP, lambda folder: how.kaggle(handle, file, folder)
        )
    meter(part.size, part.size)
