"""The check of a company's own table: a file in; rejects and, when asked, good rows out.

What a good row is stands in `data.tables`; this module knows files only.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

import polars as pl

from churn_saver.adapters.row_files import RowFile, row_file
from churn_saver.data.checking.rejects import FAULT, LINE
from churn_saver.data.checking.streaming import Verdict, check_stream
from churn_saver.data.meaning.columns import Table
from churn_saver.data.reading.parsing import Sizes
from churn_saver.data.tables import TABLES
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError, quoted, shown

REJECTS = "rejects.csv"
_OURS = f",{LINE},{FAULT}\n".encode()
"""How the first line of a file of rejects ends."""
_LONGEST_HEADER = 1 << 20


def check_file(
    path: Path,
    kind: str,
    mapping: Mapping[str, str],
    out: Path,
    keep: Path | None,
    report: Progress,
    look: Callable[[pl.DataFrame], None] | None = None,
    sizes: Sizes | None = None,
) -> Verdict:
    """Check a table of a company's own, and write its bad rows and, when asked, its good ones.

    Files appear whole and at the end, or not at all.

    Args:
        path: CSV, JSON lines or Parquet, plain or gzip.
        kind: What the table is: a key of `data.tables.TABLES`.
        mapping: Canonical name → the file's own name, where names alone do not tell.
        out: Folder for rejects.csv; one of an earlier check is taken away when no row is bad.
        keep: File for the good rows, .parquet, .jsonl or .csv; not written when none is good.
        report: Is told how many bytes were read, and of how many.
        look: Is shown every block of good rows, whether they are kept or not.
        sizes: How much is read at a time.

    Raises:
        InputError: no such kind, the file cannot be read, or a place cannot be written to.
        TableError: no table, damaged, a required column is missing, or two columns mean the same.
    """
    table = _table(kind)
    what = f"check {shown(path.name)}"
    with ExitStack() as stack:
        stack.callback(_without_empty, out, out.exists())
        stream, size = stack.enter_context(_opened(path))
        rejects = stack.enter_context(row_file(out / REJECTS))
        good = None if keep is None else stack.enter_context(row_file(keep))
        takers = [taker for taker in (look, None if good is None else good.add) if taker is not None]
        verdict = check_stream(
            stream,
            path.name,
            table,
            mapping,
            lambda frame: _hand_to(takers, frame),
            rejects.add,
            lambda _what, _done, _total: report(what, min(stream.tell(), size), size),
            sizes,
        )
        verdict = _known_by(verdict, stream)
        report(what, size, size)
        _settle(rejects, out / REJECTS)
        if good is not None and good.rows and not verdict.whole:
            good.keep()
    return verdict


def _hand_to(takers: list[Callable[[pl.DataFrame], None]], frame: pl.DataFrame) -> None:
    for take in takers:
        take(frame)


def _known_by(verdict: Verdict, stream: BufferedReader) -> Verdict:
    """Add what the file is known by: its bytes as they stand on disk, packed or not."""
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return replace(verdict, sha256=digest, size=stream.tell())


def _without_empty(folder: Path, was_there: bool) -> None:
    """Take a folder of ours away again when nothing came to be in it."""
    if not was_there and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _table(kind: str) -> Table:
    if kind not in TABLES:
        raise InputError(f"the table is to be checked as {quoted(kind)}, wanted one of: {', '.join(TABLES)}")
    return TABLES[kind]


def _settle(rejects: RowFile, place: Path) -> None:
    """Put the rejects in their place, or take away those of an earlier check."""
    if rejects.rows:
        rejects.keep()
    elif place.is_file():
        with place.open("rb") as file:
            is_ours = file.readline(_LONGEST_HEADER).endswith(_OURS)
        if is_ours:
            place.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """Open a file for reading, with its size."""
    try:
        stream, size = path.open("rb"), path.stat().st_size
    except OSError as error:
        why = error.strerror or type(error).__name__
        wanted = "name a CSV, JSON lines or Parquet file, plain or .gz"
        raise InputError(f"{shown(str(path), 150)} cannot be read ({why}). Next step: {wanted}") from error
    with stream:
        yield stream, size
