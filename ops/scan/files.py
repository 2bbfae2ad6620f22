"""The files that belong to the project: what `.gitignore` leaves out, and any virtual environment, does not.

Asks no git, since Cloud Build gets the files without their history.
"""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

IGNORES = ".gitignore"


def project_files(root: Path) -> list[Path]:
    """Give them in order, relative to the root; links are left out."""
    ignores = root / IGNORES
    patterns = ignores.read_text().split() if ignores.exists() else []
    return sorted(_walked(root, patterns))


def _walked(root: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        here = Path(place).relative_to(root)
        folders[:] = [
            name
            for name in folders
            if name != ".git"
            and not _ignored(here / name, patterns, folder=True)
            and not (root / here / name / "pyvenv.cfg").exists()
        ]
        for name in names:
            if not _ignored(here / name, patterns, folder=False) and not (root / here / name).is_symlink():
                yield here / name


def _ignored(path: Path, patterns: Sequence[str], folder: bool) -> bool:
    """Tell whether a pattern names it: '/x' at the root only, 'x/' folders only, 'x' anywhere."""
    for pattern in patterns:
        if pattern.endswith("/") and not folder:
            continue
        bare = pattern.rstrip("/")
        subject = f"/{path.as_posix()}" if bare.startswith("/") else path.name
        if fnmatch(subject, bare):
            return True
    return False
