"""What is promised of the service under load, and which of it a report of `service.py` keeps."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.message_limits import KEPT, Limit, shown
from benchmarks.service_k6 import Answers, Told

RATE, CUSTOMERS = 200, 100_000
"""What the times are promised at."""
NORMAL_MS, NORMAL_SHARE, STEADY_SECONDS = 150.0, 0.95, 3
"""Normal is a second, and those after it, whose answers are as they should be and in time, nearly all."""
LIMITS: Mapping[str, Limit] = {
    "errors": Limit(most=0),
    "p95_ms": Limit(most=50),
    "p99_ms": Limit(most=150),
    "goodput_ratio": Limit(0.9),
    "reject_p99_ms": Limit(most=50),
    "overload_errors": Limit(most=0),
    "normal_again_s": Limit(most=10),
    "ledger_faults": Limit(most=0),
}

Report = dict[str, object]


def load_figures(ours: Answers, bare: Answers, seconds: int, ratios: Sequence[float]) -> Report:
    """Give the figures of the load.

    Args:
        ours: Answers of the service.
        bare: Of the bare routes; an error of theirs is no error of ours, but makes the ratio worthless.
        seconds: How long the service was under load.
        ratios: p95 of ours over p95 of bare, round by round.
    """
    return {
        "rps": ours.ok / seconds,
        **_times("", ours.ok_ms),
        "errors": ours.refused + ours.degraded + ours.wrong + ours.dropped,
        **_times("bare_", bare.ok_ms),
        "refused": ours.refused,
        "degraded": ours.degraded,
        "dropped": ours.dropped,
        "bare_errors": bare.refused + bare.wrong + bare.dropped,
        "p95_ratio": median(ratios) if ratios else None,
    }


def overload_figures(
    capacity_rps: float, burst: Answers, seconds: int, told: Sequence[Told], after: Answers
) -> Report:
    """Give the figures of the overload.

    Args:
        capacity_rps: What the service answers when it is never idle and nobody is refused.
        burst: Answers while more was asked.
        seconds: How long that was.
        told: Answers afterwards.
        after: The same, counted.
    """
    return {
        "goodput_ratio": burst.ok / seconds / capacity_rps if capacity_rps else None,
        "reject_p99_ms": burst.refused_ms.get("p(99)") if burst.refused else None,
        "normal_again_s": normal_again(told),
        "overload_ok": burst.ok,
        "overload_p95_ms": burst.ok_ms.get("p(95)"),
        "overload_refused": burst.refused,
        "overload_degraded": burst.degraded + after.degraded,
        "overload_errors": burst.wrong + burst.dropped + after.wrong + after.dropped,
    }


def ratios(ours: Sequence[Mapping[str, float]], bare: Sequence[Mapping[str, float]]) -> list[float]:
    """Give p95 of ours over p95 of bare for each round in which both answered."""
    pairs = ((one.get("p(95)", 0.0), other.get("p(95)", 0.0)) for one, other in zip(ours, bare, strict=True))
    return [one / other for one, other in pairs if one > 0 and other > 0]


def cpu_ms(began: float | None, ended: float | None, answers: int) -> float | None:
    """Give the processor time of a service per answer; None: it is not known, or nothing was answered."""
    return None if began is None or ended is None or not answers else 1_000 * (ended - began) / answers


def normal_again(told: Sequence[Told]) -> float | None:
    """Give the first second, counted from the end of the overload, that is normal as are those after it.

    Returns:
        None: never within the answers that were told.
    """
    by_second: dict[int, list[bool]] = {}
    for one in told:
        by_second.setdefault(int(one.began_s), []).append(one.is_ok and one.ms <= NORMAL_MS)
    is_normal = {second: sum(kept) >= NORMAL_SHARE * len(kept) for second, kept in by_second.items()}
    for second in sorted(is_normal):
        if all(is_normal.get(second + ahead, False) for ahead in range(STEADY_SECONDS)):
            return float(second)
    return None


def broken(report: Mapping[str, object]) -> list[str]:
    """Name the promises that are not kept; one that was not measured is none that is kept."""
    verdicts = {key: limit.verdict(report.get(key)) for key, limit in LIMITS.items()}
    return [f"{key} ({verdict})" for key, verdict in verdicts.items() if verdict != KEPT]


def written(report: Mapping[str, object]) -> str:
    """Word all figures, a line each, and after them the promised ones with limit and verdict."""
    lines = [f"{name:<24}{shown(value):>24}" for name, value in report.items()]
    lines += ["", f"promised at {RATE} rps with {CUSTOMERS:,} customers known"]
    lines += [
        f"{key:<24}{shown(report.get(key)):>24}  {limit!s:<12}{limit.verdict(report.get(key))}"
        for key, limit in LIMITS.items()
    ]
    return "\n".join(lines)


def _times(prefix: str, ms: Mapping[str, float]) -> Report:
    names = {"p50_ms": "med", "p95_ms": "p(95)", "p99_ms": "p(99)"}
    return {f"{prefix}{name}": ms.get(stat) for name, stat in names.items()}
