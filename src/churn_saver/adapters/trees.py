"""A folder of files as one thing: sent to a folder or a bucket whole, brought back whole or not at all.

The files go first, the list that vouches for them last, and each name is written once: a tree that can be
read is complete, and what it held yesterday it holds tomorrow. A sending that was cut off is simply run
again. Knows nothing of what the files are for.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.files import read_pieces, whole_folder, write_bytes, write_pieces
from churn_saver.adapters.places import place
from churn_saver.adapters.places.buckets import PATIENCE_SECONDS
from churn_saver.adapters.places.opening import FolderPlace
from churn_saver.adapters.places.stored import Content, Place, plain_name, refuse_other
from churn_saver.adapters.plain_files import plain_names
from churn_saver.adapters.tree_lists import TREE, Entry, read_list, written_list
from churn_saver.errors import ArtifactError, InputError, listed

_CHANGED = "run the same command again"
_ANEW = "Bring it back from a copy, or send the files again under another name"


@dataclass(frozen=True, slots=True)
class Tree:
    """What the list of a tree says of it."""

    name: str
    files: int
    """How many, the list not counted."""
    bytes: int
    """Of those files."""
    sha256: str
    """Of the list, and so of every file: trees that have the same one are the same, whatever their names."""


def push_tree(folder: Path, destination: str, name: str) -> Tree:
    """Send a folder; what stands there already with the same content is not sent again.

    Files whose names begin with a dot stay behind: half-written ones have such names.

    Args:
        folder: What to send.
        destination: A folder, or 'gs://bucket/prefix'.
        name: Of the tree, below the destination.

    Raises:
        InputError: the folder is empty or holds a link or a device, another tree stands under the name
            (nothing was sent), or the destination cannot be written to.
    """
    to = _at(destination, name)
    looked = {path: _looked_at(folder / path, to) for path in plain_names(folder) if path != TREE}
    if not looked:
        raise InputError(f"{folder} holds no files, wanted at least one to send")
    entries = {path: entry for path, (entry, _) in looked.items()}
    ours = {path: content for path, (_, content) in looked.items()}
    raw = written_list(entries)
    _refuse_another(to, {**ours, TREE: to.content((raw,))})
    for path, content in ours.items():
        to.write_once(path, folder / path, content)
    # Once more, before the list vouches for them: two may have sent at once.
    _refuse_another(to, {**ours, TREE: to.content((raw,))})
    with tempfile.TemporaryDirectory(prefix="churn-saver-tree-") as aside:
        write_bytes(Path(aside, TREE), raw)
        to.write_once(TREE, Path(aside, TREE), to.content((raw,)))
    return _tree(name, entries, raw)


def pull_tree(source: str, name: str, folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> Tree:
    """Bring a tree back, every file compared with the list before any of them can be seen.

    It is written beside the folder and takes its place at once; until then, whatever goes wrong, what stood
    there stands there.

    Args:
        source: A folder, or 'gs://bucket/prefix'.
        name: Of the tree, below the source.
        folder: Where to; made if absent. A tree that was brought there before is replaced.
        patience_seconds: How long each request to a bucket is tried again.

    Raises:
        InputError: the source cannot be read, the folder cannot be written to, or it holds something else
            than a tree, which would be lost.
        ArtifactError: the tree is not there, unfinished, or a file of it is missing, altered, or not listed.
    """
    if folder.exists() and not (folder / TREE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder} holds something else than a tree, and would be replaced. Name another one"
        )
    here = _at(source, name, patience_seconds)
    raw, entries = _listed_at(here)
    with whole_folder(folder) as beside:
        for path, entry in entries.items():
            write_pieces(beside / path, _vouched(here, path, entry), over=False)
        write_bytes(beside / TREE, raw)
    return _tree(name, entries, raw)


def read_tree(source: str, name: str, patience_seconds: float = PATIENCE_SECONDS) -> Tree:
    """Read what the list of a tree says of it; no file is looked at.

    Args:
        source: A folder, or 'gs://bucket/prefix'.
        name: Of the tree, below the source.
        patience_seconds: How long each request to a bucket is tried again.

    Raises:
        InputError: the source cannot be read.
        ArtifactError: the tree is not there, or unfinished.
    """
    raw, entries = _list_of(_at(source, name, patience_seconds))
    return _tree(name, entries, raw)


def held_tree(folder: Path) -> Tree:
    """Compare a tree that was brought here with its list, every file of it.

    Raises:
        InputError: a file cannot be read.
        ArtifactError: there is no list, or a file is missing, altered, or not listed.
    """
    here = FolderPlace(folder)
    raw, entries = _listed_at(here)
    for path, entry in entries.items():
        for _ in _vouched(here, path, entry):
            pass
    return _tree(folder.name, entries, raw)


def _at(where: str, name: str, patience_seconds: float = PATIENCE_SECONDS) -> Place:
    """Open the place of a tree."""
    if not where.strip():
        return place(where)
    return place(f"{where.rstrip('/')}/{plain_name(name)}", patience_seconds)


def _tree(name: str, entries: Mapping[str, Entry], raw: bytes) -> Tree:
    size = sum(entry.size for entry in entries.values())
    return Tree(name, len(entries), size, hashlib.sha256(raw).hexdigest())


def _list_of(here: Place) -> tuple[bytes, dict[str, Entry]]:
    """Read the list of a tree."""
    if here.stat(TREE) is None:
        raise ArtifactError(
            f"{here.where} has no {TREE}: there is no such tree, or its sending was cut off. Look for a "
            "misspelling, or send it again: what is there stays"
        )
    raw = here.read(TREE)
    return raw, read_list(raw, f"{here.where}/{TREE}")


def _listed_at(here: Place) -> tuple[bytes, dict[str, Entry]]:
    """Read the list of a tree, and see that neither more nor fewer files than it names are there."""
    raw, entries = _list_of(here)
    found = set(plain_names(here.root) if isinstance(here, FolderPlace) else here.names()) - {TREE}
    if absent := sorted(entries.keys() - found):
        raise ArtifactError(f"{here.where} lacks {listed(absent)}: it was altered. {_ANEW}")
    if unlisted := sorted(found - entries.keys()):
        raise ArtifactError(
            f"{here.where} holds {listed(unlisted)}, which {TREE} does not name: it was altered. {_ANEW}"
        )
    return raw, entries


def _vouched(here: Place, path: str, entry: Entry) -> Iterator[bytes]:
    """Read a file in pieces; raise when it turns out to be another one, at its end at the latest.

    Raises:
        ArtifactError: it has not the size or the hash that the list says.
    """
    digest, size = hashlib.sha256(), 0
    for piece in here.pieces(path):
        size += len(piece)
        if size > entry.size:
            break
        digest.update(piece)
        yield piece
    if size != entry.size:
        more = "more than" if size > entry.size else f"{size} bytes, not"
        raise ArtifactError(
            f"{path} at {here.where} has {more} the {entry.size} bytes that {TREE} says: it was altered or "
            f"cut short. {_ANEW}"
        )
    if digest.hexdigest() != entry.sha256:
        raise ArtifactError(
            f"{path} at {here.where} has SHA-256 {digest.hexdigest()}, {TREE} says {entry.sha256}: it was "
            f"altered. {_ANEW}"
        )


def _refuse_another(to: Place, ours: Mapping[str, Content]) -> None:
    """Refuse whatever stands under the name of a tree and is not of it.

    Raises:
        InputError: names the first such file.
    """
    for path in to.names():
        if path not in ours:
            raise InputError(
                f"{to.where} holds {path}, which is not among the files to send. A tree is written once: "
                "take another name"
            )
        refuse_other(to.where, path, to.stat(path), ours[path])


def _looked_at(path: Path, to: Place) -> tuple[Entry, Content]:
    """Read a file once, for its SHA-256 and for the checksum of the place where it goes."""
    digest = hashlib.sha256()

    def told() -> Iterator[bytes]:
        for piece in read_pieces(path, _CHANGED):
            digest.update(piece)
            yield piece

    content = to.content(told())
    return Entry(digest.hexdigest(), content.size), content
