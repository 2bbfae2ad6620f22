"""Time and memory of the check of a company's own table, at 10,000,000 rows.

    python benchmarks/data_check.py [--json PATH] [--only churn|accept|pairs_parquet|pairs_jsonl] [--rows N]

Each file is drawn from a fixed seed, written once to a folder of its own, checked in a process of
its own, so that its peak memory is its own, and deleted. A row in 100,000 is bad. Limits: 60 s and
4 GB each, on two cores.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.row_files import row_file
from churn_saver.pipeline.company import check_file

ROWS = 10_000_000
SEED = 30
CHUNK = 500_000
ONE_BAD_IN = 100_000
MEGABYTE = 1e6
MAX_SECONDS, MAX_MEGABYTES = 60.0, 4_000.0
Figures = dict[str, float]


def main(arguments: list[str] | None = None) -> None:
    """Write, check and delete each file; print the table and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the check of a company's own table.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", choices=sorted(FILES), help="check one kind of file")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of each file")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        print(json.dumps(measured(Path(chosen.measure[0]), chosen.measure[1])))
        return
    results = check_figures(chosen.rows, chosen.only)
    print(written(results))
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    missed = [name for name, figures in results.items() if not within_limits(figures)]
    if missed:
        raise SystemExit(
            f"wanted at most {MAX_SECONDS:.0f} s and {MAX_MEGABYTES:,.0f} MB: {', '.join(missed)}"
        )


def check_figures(rows: int = ROWS, only: str | None = None) -> dict[str, Figures]:
    """Give seconds, peak megabytes and counts of each kind of file."""
    results = {}
    for name, (file, kind, draw) in FILES.items():
        if only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file
            write(path, rows, draw)
            figures = in_process_of_its_own(path, kind)
            results[name] = figures | {"file_mb": path.stat().st_size / MEGABYTE}
    return results


def in_process_of_its_own(path: Path, kind: str) -> Figures:
    """Run this file again for one check and read the JSON on its last line."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", str(path), kind],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def measured(path: Path, kind: str) -> Figures:
    """Check one file."""
    started = time.perf_counter()
    verdict = check_file(path, kind, {}, path.parent / "out", None, lambda _what, _done, _total: None)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak_mb": peak_megabytes(), "rows": verdict.rows, "bad": verdict.bad}


def peak_megabytes() -> float:
    """Give the most memory that this process had; `ru_maxrss` begins at what its parent had."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024 / MEGABYTE


def written(results: dict[str, Figures]) -> str:
    """Write the figures as a table of Markdown."""
    lines = [
        "| file | MB | rows | bad | seconds | peak MB | within limits |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in results.items():
        within = "yes" if within_limits(figures) else "NO"
        lines.append(
            f"| {name} | {figures['file_mb']:,.0f} | {figures['rows']:,.0f} | {figures['bad']:,.0f} "
            f"| {figures['seconds']:.1f} | {figures['peak_mb']:,.0f} | {within} |"
        )
    return "\n".join(lines)


def within_limits(figures: Figures) -> bool:
    """Tell whether a check was quick and small enough."""
    return figures["seconds"] <= MAX_SECONDS and figures["peak_mb"] <= MAX_MEGABYTES


def write(path: Path, rows: int, draw: Callable[[np.random.Generator, int, int], pl.DataFrame]) -> None:
    """Write a file of so many rows, drawn a chunk at a time."""
    rng = np.random.default_rng(SEED)
    with row_file(path) as file:
        for start in range(0, rows, CHUNK):
            file.add(draw(rng, start, min(CHUNK, rows - start)))
        file.keep()


def churn(rng: np.random.Generator, start: int, n: int) -> pl.DataFrame:
    """Draw customers; a bad one has stayed for too long."""
    tenure = rng.integers(0, 73, n)
    tenure[(np.arange(n) + start) % ONE_BAD_IN == ONE_BAD_IN - 1] = 5_000
    return pl.DataFrame(
        {
            "customer_id": _ids("C", start, n),
            "tenure_months": tenure,
            "monthly_spend": rng.integers(1_000, 12_000, n) / 100,
            "support_tickets": rng.integers(0, 9, n),
            "contract_type": _words(rng, ("Month-to-month", "One year", "Two year"), n),
            "churned": rng.integers(0, 2, n),
        }
    )


def accept(rng: np.random.Generator, start: int, n: int) -> pl.DataFrame:
    """Draw offers, with a note in quotes that holds separators, quotes and line ends."""
    offer = rng.choice([0, 5, 10, 15], n)
    offer[(np.arange(n) + start) % ONE_BAD_IN == ONE_BAD_IN - 1] = 7
    moments = pl.Series(1_000 * (1_700_000_000 + rng.integers(0, 30_000_000, n)))
    notes = ('said "maybe", then yes', "called twice, no answer", "two\nlines", "plain")
    return pl.DataFrame(
        {
            "customer_id": _ids("C", start, n),
            "offer_pct": offer,
            "note": _words(rng, notes, n),
            "churn_risk": rng.random(n).round(4),
            "tenure_months": rng.integers(0, 73, n),
            "accepted": rng.integers(0, 2, n),
            "logged_at": moments.cast(pl.Datetime("ms")).dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def pairs(rng: np.random.Generator, start: int, n: int) -> pl.DataFrame:
    """Draw pairs of texts of some 90 characters; a bad one has two equal texts."""
    number = pl.Series(np.arange(start, start + n)).cast(pl.String)
    words = _words(rng, ("Thank you for staying with us,", "We would like to keep you,", "A word:"), n)
    chosen = words + " here is the offer that we can make to you today, number " + number
    bad = pl.Series((np.arange(n) + start) % ONE_BAD_IN == ONE_BAD_IN - 1)
    rejected = words + ' you "must" take this offer now or lose it for ever, number ' + number
    prompt = "Customer " + number + " has been with us for some time and is thinking of leaving. Write."
    return pl.DataFrame({"prompt": prompt, "chosen": chosen, "rejected": chosen.zip_with(bad, rejected)})


def _ids(letter: str, start: int, n: int) -> pl.Series:
    return letter + pl.Series(np.arange(start, start + n)).cast(pl.String).str.zfill(9)


def _words(rng: np.random.Generator, words: tuple[str, ...], n: int) -> pl.Series:
    return pl.Series(words)[rng.integers(0, len(words), n)]


FILES: dict[str, tuple[str, str, Callable[[np.random.Generator, int, int], pl.DataFrame]]] = {
    "churn": ("churn.csv", "churn", churn),
    "accept": ("accept.csv", "accept", accept),
    "pairs_parquet": ("pairs.parquet", "pairs", pairs),
    "pairs_jsonl": ("pairs.jsonl", "pairs", pairs),
}


if __name__ == "__main__":
    main()
