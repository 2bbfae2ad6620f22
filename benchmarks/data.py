"""Rows, time and memory of every data set from copies on disk, and of the check of ten million rows.

    python benchmarks/data.py [--from FOLDER] [--json PATH] [--only prepare|check]

Without --from the copies are looked for below CHURN_SAVER_TEST_DATA. Each data set is prepared as a
user does it, `churn-saver data prepare`, in a process and a folder of its own, and once all together;
then written again and compared byte by byte. The check of a company's own table is data_check.py.
Figures are defined in docs/metrics.md, section Data.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from churn_saver.adapters.manifests import MANIFEST, read_manifest

CONFIGS = Path(__file__).resolve().parents[1] / "ops" / "configs"
DATASETS = ("ibm_telco", "uci_bank", "oasst1", "preferences")
ALL, FULL_SIZE = "all four", "all four at full size"
DOCUMENTED = {"ibm_telco": 7_032, "uci_bank": 41_188}
"""Rows of the full sets."""
MAX_SECONDS, MAX_MEGABYTES = 60.0, 2_000.0
"""For all four together."""
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    seconds: float
    peak_mb: float
    """Largest resident size of the process."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, print two tables, write the JSON; stop when a documented count or a limit is missed."""
    parser = argparse.ArgumentParser(description="Measure the preparation and the check of data.")
    parser.add_argument("--from", dest="copies", type=Path, help="folder with copies of the public files")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", choices=("prepare", "check"), help="one of the two")
    chosen = parser.parse_args(arguments)
    results: dict[str, Mapping[str, object]] = {}
    if chosen.only != "check":
        results["prepare"] = prepared(chosen.copies or _copies())
    if chosen.only != "prepare":
        results["check"] = checked()
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def checked() -> dict[str, object]:
    """Run data_check.py, which prints its own table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "check.json"
        script = Path(__file__).with_name("data_check.py")
        subprocess.run([sys.executable, str(script), "--json", str(out)], check=True)
        return dict(json.loads(out.read_bytes()))


def prepared(copies: Path) -> dict[str, object]:
    """Prepare each data set, then all of them twice; give rows, seconds and peak megabytes."""
    table = Table("data set", "set", "train", "valid", "test", "rows", "seconds", "peak MB", "MB written")
    for column in table.columns[2:]:
        column.justify = "right"
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dataset in DATASETS:
            place = folder / dataset
            cost = command(place, "data", "prepare", dataset, "--from", str(copies))
            figures[dataset] = _row(table, dataset, place, cost)
        cost = command(folder / "one", "data", "prepare", "--from", str(copies))
        table.add_row(ALL, *[""] * 5, f"{cost.seconds:.1f}", f"{cost.peak_mb:,.0f}", "", style="bold")
        figures[ALL] = {"seconds": cost.seconds, "peak_mb": cost.peak_mb}
        command(folder / "two", "data", "prepare", "--from", str(copies))
        one, two = digests(folder / "one"), digests(folder / "two")
        large = full_size(copies, folder / "full")
        row = (f"{large.seconds:.1f}", f"{large.peak_mb:,.0f}", "")
        table.add_row(FULL_SIZE, "made of the samples", *[""] * 4, *row, style="bold")
        figures[FULL_SIZE] = {"seconds": large.seconds, "peak_mb": large.peak_mb}
    Console(width=110).print(table)
    print(f"prepared twice: {'the same bytes' if one == two else 'NOT the same bytes'} in {len(one)} files")
    if one != two:
        raise SystemExit("the same input gave other bytes")
    if max(cost.seconds, large.seconds) > MAX_SECONDS or max(cost.peak_mb, large.peak_mb) > MAX_MEGABYTES:
        raise SystemExit(f"wanted at most {MAX_SECONDS:.0f} s and {MAX_MEGABYTES:,.0f} MB for all four")
    return figures


def full_size(copies: Path, folder: Path) -> Cost:
    """Prepare text sets that are as large as the full ones; see data_full_size.py."""
    script = Path(__file__).with_name("data_full_size.py")
    subprocess.run([sys.executable, str(script), str(copies), str(folder)], check=True)
    configs = folder / "configs"
    return command(folder / "work", "data", "prepare", "--from", str(folder), configs=configs)


def _row(table: Table, dataset: str, place: Path, cost: Cost) -> dict[str, object]:
    """Add a data set to the table, its rows as the manifest has them."""
    folder = place / "data" / "processed" / dataset
    manifest = read_manifest((folder / MANIFEST).read_bytes(), dataset)
    rows = {Path(name).stem: entry.rows for name, entry in manifest.files.items()}
    total, megabytes = sum(rows.values()), sum(e.size for e in manifest.files.values()) / MEGABYTE
    taken = ", ".join(f"{name} {one or 'absent'}" for name, one in manifest.sets.items())
    counts = [f"{rows[split]:,}" for split in ("train", "valid", "test")]
    table.add_row(
        dataset,
        taken,
        *counts,
        f"{total:,}",
        f"{cost.seconds:.1f}",
        f"{cost.peak_mb:,.0f}",
        f"{megabytes:.1f}",
    )
    if total != DOCUMENTED.get(dataset, total):
        raise SystemExit(f"{dataset} has {total:,} rows, documented are {DOCUMENTED[dataset]:,}")
    return {
        "sets": dict(manifest.sets), "rows": rows, "left_out": dict(manifest.left_out),
        "seconds": cost.seconds, "peak_mb": cost.peak_mb, "written_mb": megabytes,
    }  # fmt: skip


def command(place: Path, *arguments: str, configs: Path = CONFIGS) -> Cost:
    """Run the command line in a folder, made for it, and give what it took."""
    place.mkdir(parents=True, exist_ok=True)
    program = [sys.executable, "-c", "from churn_saver.cli import main; main()", *arguments]
    environment = os.environ | {"CONFIG_DIR": str(configs)}
    log = os.open(place / "log.txt", os.O_CREAT | os.O_WRONLY)
    started = time.perf_counter()
    here = Path.cwd()
    os.chdir(place)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
        child = os.posix_spawn(sys.executable, program, environment, file_actions=actions)
    finally:
        os.chdir(here)
        os.close(log)
    # wait4 gives this child's own peak; that of RUSAGE_CHILDREN would be the largest of all so far.
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise SystemExit((place / "log.txt").read_text(encoding="utf-8"))
    return Cost(time.perf_counter() - started, usage.ru_maxrss * 1024 / MEGABYTE)


def digests(place: Path) -> dict[str, str]:
    """Hash every file below data/processed."""
    top = place / "data" / "processed"
    files = sorted(path for path in top.rglob("*") if path.is_file())
    return {str(p.relative_to(top)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _copies() -> Path:
    named = os.environ.get("CHURN_SAVER_TEST_DATA")
    if not named:
        raise SystemExit("set CHURN_SAVER_TEST_DATA to the folder with the copies, or name it with --from")
    return Path(named)


if __name__ == "__main__":
    main()
