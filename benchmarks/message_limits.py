"""What is promised of messages, and which of it a report of `messages.py` keeps. Measures nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

KEPT, MISSED, NOT_MEASURED = "kept", "MISSED", "NOT MEASURED"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must reach, from one side or both."""

    least: float = -math.inf
    most: float = math.inf

    def __str__(self) -> str:
        low = "" if self.least == -math.inf else f"≥ {self.least:.4g}"
        high = "" if self.most == math.inf else f"≤ {self.most:.4g}"
        return " and ".join(part for part in (low, high) if part)

    def verdict(self, figure: object) -> str:
        """Say whether a figure is within; one without a limit to compare it with was not measured."""
        if not isinstance(figure, int | float) or math.isnan(self.least):
            return NOT_MEASURED
        return KEPT if self.least <= figure <= self.most else MISSED


def limits_of(report: Mapping[str, object]) -> dict[str, Limit]:
    """Give the limit of every promised figure; NaN where another figure decides it that is not there."""
    target, sampled = _number(report.get("kl_target")), _number(report.get("sft_sampled_pass"))
    return {
        "sft_greedy_pass": Limit(0.99), "sft_sampled_pass": Limit(0.95), "rm_accuracy": Limit(0.95),
        "rm_worst_kind": Limit(0.90), "ppo_win_rate": Limit(0.70), "ppo_distinct2_ratio": Limit(0.80),
        "ppo_kl": Limit(0.75 * target, 1.25 * target), "ppo_pass": Limit(sampled),
    }  # fmt: skip


def broken(report: Mapping[str, object], partial: bool) -> list[str]:
    """Name the promises that are not kept.

    Args:
        report: Figures by key.
        partial: What was not measured counts as kept.
    """
    verdicts = {key: limit.verdict(report.get(key)) for key, limit in limits_of(report).items()}
    passing = (KEPT, NOT_MEASURED) if partial else (KEPT,)
    return [f"{key} ({verdict})" for key, verdict in verdicts.items() if verdict not in passing]


def written(report: Mapping[str, object]) -> str:
    """Word all figures, a line each, and after them the promised ones with limit and verdict."""
    limits = limits_of(report)
    lines = [f"{name:<32}{shown(value):>24}" for name, value in report.items()]
    lines += ["", "promised"]
    lines += [
        f"{key:<32}{shown(report.get(key)):>24}  {limit!s:<24}{limit.verdict(report.get(key))}"
        for key, limit in limits.items()
    ]
    return "\n".join(lines)


def shown(value: object) -> str:
    """Word one figure."""
    return "–" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
