"""Write what came out of the books to a file: all of it, or nothing, and never over something else.

The rows stand beside the place until they are whole, so whoever is stopped in between leaves the place as
it was.
"""

from pathlib import Path

from churn_saver.adapters.row_files import row_file
from churn_saver.errors import InputError
from churn_saver.pipeline.exported import Exported

PART_ROWS = 100_000
"""Rows that are written at a time."""


def require_free(out: Path, force: bool) -> None:
    """Refuse a place where something stands already, unless it is to be replaced.

    Raises:
        InputError: something stands there.
    """
    if out.exists() and not force:
        raise InputError(f"{out} is there already. Name another file, or replace it: --force")


def write(exported: Exported, out: Path, force: bool = False) -> None:
    """Write a table.

    Args:
        exported: With one row at least.
        out: Its suffix is one of `row_files.SUFFIXES`.
        force: Replace what stands there.

    Raises:
        InputError: another suffix, something stands there, or the place cannot be written to.
    """
    require_free(out, force)
    with row_file(out) as file:
        for part in exported.frame.iter_slices(PART_ROWS):
            file.add(part)
        file.keep()
