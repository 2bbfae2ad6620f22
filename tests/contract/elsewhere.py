"""The same thing in a process of its own, with other hashes, threads and places."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests import public_data

ROOT = Path(__file__).parents[2]
HERE: Mapping[str, str] = {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"}
ELSEWHERE: Mapping[str, str] = {
    "PYTHONHASHSEED": "2",
    "POLARS_MAX_THREADS": "5",
    "TZ": "Asia/Tokyo",
    "LANG": "C",
}


def begun(
    script: str, folder: Path, variables: Mapping[str, str], *arguments: str
) -> "subprocess.Popen[str]":
    """Begin a process of its own, with hashes and threads of its own."""
    folder.mkdir(parents=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONFIG_DIR": str(ROOT / "ops" / "configs")}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**environment, **variables},
    )


def ended(process: "subprocess.Popen[str]") -> str:
    """Wait for a process that must succeed, and give what it printed."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def hashes(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file below a folder."""
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in public_data.bytes_below(folder).items()}
