"""What it takes to judge a policy on a long log in a file, from the command to the page.

    python benchmarks/evidence_evaluate.py [--rows N] [--json PATH]

The log of benchmarks/evidence_offpolicy.py (5 arms, 20 features, explored by a tenth) is written as CSV and
as Parquet; `churn-saver evaluate` values one arm and compares it with who logged, in a process of its own.
Figures are defined in docs/metrics.md, section Evidence, off-policy value.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.evidence_offpolicy import PEAK_UNIT, long_log

ROWS = 1_000_000
FORMS = ("csv", "parquet")
_STDOUT = 1


def table(rows: int) -> pl.DataFrame:
    """Give a long log as a person would keep it."""
    columns, _ = long_log(rows)
    known = {f"x{place}": values for place, values in enumerate(columns["features"].T)}
    frame = pl.DataFrame(
        {
            "decision_id": pl.int_range(rows, eager=True).cast(pl.String),
            "customer_id": pl.Series(columns["unit"]).cast(pl.String),
            "arm": columns["arm"],
            "propensity": columns["propensity"],
            "reward": columns["reward"].round(2),
            **known,
        }
    )
    return frame.with_columns(pl.col("^x.*$").fill_nan(None).round(3))


def judged(path: Path, out: Path) -> dict[str, float]:
    """Run the command on a file; give what it cost and what it found."""
    command = [
        sys.executable, "-c", "from churn_saver.cli import main; main()", "evaluate", "--log", str(path),
        "--policy", "arm:4", "--against", "logged", "--out", str(out), "--json",
    ]  # fmt: skip
    quiet = [(os.POSIX_SPAWN_OPEN, _STDOUT, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    report = json.loads((out / "evaluation.json").read_text())
    return {
        "rows": report["rows"],
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss * PEAK_UNIT / 1e6,
        "value": report["value"]["estimates"]["dr"]["value"],
    }


def figures(rows: int = ROWS) -> dict[str, float]:
    """Give all figures, by form of file."""
    frame = table(rows)
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            path = Path(folder) / f"log.{form}"
            (frame.write_csv if form == "csv" else frame.write_parquet)(path)
            megabytes = path.stat().st_size / 1e6
            found[f"{form}_mb"] = megabytes
            found |= {f"{form}_{name}": value for name, value in judged(path, Path(folder)).items()}
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the figures and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure churn-saver evaluate on a file.")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the log")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    found = figures(chosen.rows)
    for name, value in found.items():
        print(f"{name:24} {value:,.3f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
