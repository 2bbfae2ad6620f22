"""What an evaluation found, in plain values and plain words, for screen, page and JSON alike.

Works out no estimate: `evidence.estimators` does. Knows no file and no clock.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isnan

from churn_saver.evidence.clusters import Estimate
from churn_saver.evidence.estimators import Caution, Valuation
from churn_saver.evidence.support import ArmOverlap

ESTIMATORS: Mapping[str, str] = {
    "dr": "doubly robust",
    "snips": "self-normalised",
    "ips": "inverse propensity",
    "dm": "direct method",
}
"""In the order in which they are shown; the first one is told, the last one never by itself."""
CAUTIONS: Mapping[Caution, str] = {
    Caution.FEW_EFFECTIVE_ROWS: (
        "few rows carry the estimate: with weights this uneven an interval covers less than it says. Let the "
        "log explore longer, or judge a policy nearer to it"
    ),
    Caution.FEW_UNITS: "few customers stand in the log: what they have in common by chance counts in full",
    Caution.UNBALANCED: (
        "the weights of an arm do not add up to what the policy wants of it: its propensities are wrong, or "
        "it was never drawn for a part of the customers"
    ),
    Caution.CLIPPED: "weights were cut; the intervals hold the most that this may have bent them",
    Caution.ESTIMATED: (
        "the propensities are estimated, not logged: a reason to choose an arm that is not among the "
        "features bends every estimate, and no interval holds it"
    ),
}
NEVER_COVERED = (
    "No interval covers a policy that changes who comes back later, rewards that depend on what other "
    "customers got, or other customers than those of the log."
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One policy on one log, and beside it another one if any."""

    source: str
    """Of the log."""
    reward: str
    """What is valued, with its unit."""
    arms: tuple[str, ...]
    policy: str
    value: Valuation
    against: str | None = None
    other: Valuation | None = None
    """Of the policy it is compared with."""
    difference: Valuation | None = None
    """Policy less the other one, on the same rows."""
    clip: float | None = None
    left_out: tuple[tuple[str, int], ...] = ()
    """Why decisions do not count, and how many."""
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> list[tuple[str, Valuation]]:
        """Give every valuation with its name, the difference last."""
        found = [(self.policy, self.value)]
        if self.other is not None and self.difference is not None:
            found += [(str(self.against), self.other), ("difference", self.difference)]
        return found

    @property
    def cautions(self) -> tuple[str, ...]:
        """Say once, in words, why a reader should not lean on this."""
        found = {caution for _, one in self.told for caution in one.cautions}
        return tuple(words for caution, words in CAUTIONS.items() if caution in found)

    @property
    def headline(self) -> str:
        """Say in a sentence what was found."""
        said = f"{self.policy} would have earned {interval(self.value.dr)} a decision"
        if self.difference is None:
            return f"{said}."
        gap = self.difference.dr
        if gap.low <= 0 <= gap.high:
            return f"{said}; the log cannot tell it from {self.against}: {interval(gap, signed=True)}."
        more = "more" if gap.low > 0 else "less"
        return f"{said}, {more} than {self.against}: {interval(gap, signed=True)}."

    def to_dict(self) -> dict[str, object]:
        """Give plain values."""
        return {
            "log": self.source,
            "reward": self.reward,
            "arms": list(self.arms),
            "rows": self.value.rows,
            "customers": self.value.units,
            "estimated_propensities": self.value.estimated_propensities,
            "left_out": [{"why": why, "decisions": count} for why, count in self.left_out],
            "notes": list(self.notes),
            "clip": self.clip,
            "policy": self.policy,
            "against": self.against,
            "value": _plain(self.value, self.arms),
            "value_against": None if self.other is None else _plain(self.other, self.arms),
            "difference": None if self.difference is None else _plain(self.difference, self.arms),
            "cautions": list(self.cautions),
            "headline": self.headline,
        }


def interval(one: Estimate, signed: bool = False) -> str:
    """Write an estimate with its interval: '0.712 (95 %: 0.655 to 0.769)'."""
    value, low, high = (figure(end, signed) for end in (one.value, one.low, one.high))
    return f"{value} (95\N{NO-BREAK SPACE}%: {low} to {high})"


def figure(value: float, signed: bool = False) -> str:
    """Write a reward: 12.3456 → '12.35', 0.71234 → '0.712', 1234567 → '1,234,567'."""
    digits = 0 if abs(value) >= 10_000 else 2 if abs(value) >= 10 else 3
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _plain(one: Valuation, arms: tuple[str, ...]) -> dict[str, object]:
    return {
        "estimates": {name: asdict(getattr(one, name)) for name in ESTIMATORS},
        "effective_rows": one.effective_rows,
        "weights": [
            {
                "mean": side.weights.mean,
                "effective_rows": side.weights.effective_rows,
                "largest": side.weights.largest,
                "top_share": side.weights.top_share,
                "clipping": asdict(side.weights.clipping),
                "overlap": {arm: _overlap(of) for arm, of in zip(arms, side.overlap, strict=True)},
            }
            for side in one.sides
        ],
        "cautions": [caution.value for caution in one.cautions],
    }


def _overlap(of: ArmOverlap) -> dict[str, object]:
    """Give plain values; what there is none of is null."""
    return {
        name: None if isinstance(value, float) and isnan(value) else value
        for name, value in asdict(of).items()
    }
