"""Demo tables on disk, never over a table of the company's own."""

import hashlib
import json
from pathlib import Path

import numpy as np

from churn_saver.adapters.files import write_bytes
from churn_saver.cli.screen import note, say
from churn_saver.data import demo
from churn_saver.train.datasets import ACCEPT_FILE, CHURN_FILE, MARKER

CUSTOMERS_FILE = "customers.csv"


def prepare(folder: Path, seed: int) -> None:
    """Write the demo's tables to a folder.

    A file that is there and is not the demo's own is left alone, and said so.
    """
    rng = np.random.default_rng(seed)
    tables = {
        CHURN_FILE: demo.csv_bytes(demo.churn_table(rng)),
        ACCEPT_FILE: demo.csv_bytes(demo.accept_table(rng)),
        CUSTOMERS_FILE: demo.csv_bytes(demo.customers_table(rng)),
        "rlhf_pairs.jsonl": demo.jsonl_bytes(demo.rlhf_pairs(rng)),
    }
    ours = _ours(folder)
    written = dict(ours)
    for name, raw in tables.items():
        path = folder / name
        if path.is_file() and ours.get(name) != _sha256(path.read_bytes()):
            note(f"{path} is not the demo's, left as it is")
            continue
        write_bytes(path, raw)
        written[name] = _sha256(raw)
        lines = raw.count(b"\n")
        say(f"wrote {path}  {lines:,} lines")
    write_bytes(folder / MARKER, json.dumps(written, indent=2, sort_keys=True).encode())


def _ours(folder: Path) -> dict[str, str]:
    """Read which files are the demo's; a damaged marker vouches for none."""
    path = folder / MARKER
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
