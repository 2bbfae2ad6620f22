"""A log of decisions: who was seen, what was done with which probability, and what came of it.

One row is one decision whose outcome has matured. `Logged.checked` is the door: it names every row
that cannot be used and drops none. Knows nothing of files, of what an arm means, or of who decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import Fault, InputError, TableError

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST_LINE = 2
"""Line of row 0, as in a file with a header."""
_NEXT_STEP = (
    "Mend these rows, or leave them out and say how many and why: a row dropped in silence bends every value."
)
_KEPT = 100
"""Faults of one kind that are kept; the others are counted."""


@dataclass(frozen=True, slots=True)
class Logged:
    """n decisions among k arms; built by `Logged.checked`."""

    unit: Whole
    """Whose decision it is, a code, (n,): rows of one unit are not independent."""
    arm: Whole
    """What was done, 0..k − 1, (n,)."""
    propensity: Floats | None
    """Probability with which that arm was drawn, in (0, 1], (n,); None: not logged."""
    allowed: Flags
    """Arms that could have been drawn, (n, k): gates leave fewer than k."""
    reward: Floats
    """What came of it, money or 0 and 1, (n,)."""
    features: Matrix
    """What was known before, NaN where missing, (n, d)."""
    estimated_propensities: bool = False
    """The propensities are a model's, not the log's."""

    def __len__(self) -> int:
        """Count the decisions."""
        return len(self.arm)

    @property
    def arms(self) -> int:
        """k, how many arms there are."""
        return int(self.allowed.shape[1])

    @property
    def is_binary(self) -> bool:
        """Whether every reward is 0 or 1."""
        return bool(((self.reward == 0) | (self.reward == 1)).all())

    def taken(self, rows: Whole | Flags) -> "Logged":
        """Give some of the rows. Shapes: rows (m,) of row numbers, or (n,) of flags."""
        return Logged(
            self.unit[rows], self.arm[rows], None if self.propensity is None else self.propensity[rows],
            self.allowed[rows], self.reward[rows], self.features[rows], self.estimated_propensities,
        )  # fmt: skip

    @classmethod
    def checked(
        cls,
        *,
        unit: Whole,
        arm: Whole,
        propensity: Floats | None,
        allowed: Flags,
        reward: Floats,
        features: Matrix,
        decision: Whole | None = None,
        decided_at: Floats | None = None,
        outcome_at: Floats | None = None,
        source: str = "log",
    ) -> "Logged":
        """Check every row and give the log.

        Shapes: all (n,) but allowed (n, k) and features (n, d).

        Args:
            unit: Codes of customers; any whole numbers.
            arm: 0..k − 1.
            propensity: In (0, 1]; None where nobody recorded it.
            allowed: True where the arm could have been drawn.
            reward: Finite.
            features: NaN where missing, never infinite.
            decision: Number of the decision, each once; None: not known.
            decided_at: Seconds since any moment; None: not known.
            outcome_at: Seconds since the same moment; None: not known.
            source: What the rows came from, as messages name it.

        Raises:
            TableError: rows that cannot be used, each named: row i as line i + 2.
            InputError: no rows, fewer than two arms, or columns that do not fit each other.
        """
        beside = {"unit": unit, "propensity": propensity, "allowed": allowed, "reward": reward,
                  "features": features, "decision": decision, "decided_at": decided_at,
                  "outcome_at": outcome_at}  # fmt: skip
        _refuse_misfits(source, arm, {name: one for name, one in beside.items() if one is not None})
        log = cls(
            unit.astype(np.int64), arm.astype(np.int64),
            None if propensity is None else propensity.astype(np.float64), allowed.astype(np.bool_),
            reward.astype(np.float64), _as_float32(features),
        )  # fmt: skip
        checks = [*_bad_cells(log), *_bad_moments(decided_at, outcome_at)]
        if decision is not None:
            checks.append((_repeats(decision), "decision", decision, "each decision once"))
        faults = [
            Fault(source, int(row) + FIRST_LINE, column, str(values[row]), wanted)
            for bad, column, values, wanted in checks
            for row in np.flatnonzero(bad)[:_KEPT]
        ]
        if faults:
            total = sum(int(bad.sum()) for bad, *_ in checks)
            raise TableError(sorted(faults, key=lambda fault: fault.line), _NEXT_STEP, total)
        return log


_Check = tuple[Flags, str, NDArray[np.generic], str]
"""Rows at fault, their column, its values, and what was wanted."""


def _refuse_misfits(source: str, arm: Whole, beside: dict[str, NDArray[np.generic]]) -> None:
    if arm.ndim != 1 or len(arm) == 0:
        raise InputError(f"{source} has arms of shape {arm.shape}, wanted at least one row: (n,)")
    for name, column in {"arm": arm, **beside}.items():
        axes = 2 if name in ("allowed", "features") else 1
        if column.ndim != axes or len(column) != len(arm):
            wanted = f"({len(arm)}, any)" if axes == 2 else f"({len(arm)},)"
            raise InputError(
                f"{source}: {name} has shape {column.shape}, wanted {wanted}, one row for each of the "
                f"{len(arm):,} arms: build all columns from the same rows"
            )
        if name in ("unit", "arm", "decision") and not np.issubdtype(column.dtype, np.integer):
            raise InputError(
                f"{source}: {name} is of type {column.dtype}, wanted whole numbers: code it, equal codes for "
                f"what is equal"
            )
    if beside["allowed"].shape[1] < 2:
        raise InputError(
            f"{source}: allowed has {beside['allowed'].shape[1]} arms, wanted two or more: with one there is "
            f"nothing to choose"
        )


def _bad_cells(log: Logged) -> Iterator[_Check]:
    known: Flags = (log.arm >= 0) & (log.arm < log.arms)
    yield ~known, "arm", log.arm, f"an arm from 0 to {log.arms - 1}"
    barred: Flags = known & ~log.allowed[np.arange(len(log)), np.where(known, log.arm, 0)]
    yield barred, "arm", log.arm, "one of the arms that its row allows"
    if log.propensity is not None:
        p = log.propensity
        yield ~((p > 0) & (p <= 1)), "propensity", p, "a probability above 0 and at most 1"
        alone = (log.allowed.sum(axis=1) == 1) & (p > 0) & (p < 1)
        yield alone, "propensity", p, "1, since its row allows no other arm"
    yield ~np.isfinite(log.reward), "reward", log.reward, "a number; an outcome still pending is no row yet"
    infinite: Flags = np.asarray(np.isinf(log.features).any(axis=1))
    yield infinite, "features", np.where(infinite, np.inf, 0.0), "finite numbers, NaN where missing"


def _bad_moments(decided_at: Floats | None, outcome_at: Floats | None) -> Iterator[_Check]:
    for name, moments in (("decided_at", decided_at), ("outcome_at", outcome_at)):
        if moments is not None:
            yield ~np.isfinite(moments), name, moments, "a moment, in seconds"
    if decided_at is not None and outcome_at is not None:
        yield outcome_at < decided_at, "outcome_at", outcome_at, "a moment not before its decision"


def _repeats(decision: Whole) -> Flags:
    """Mark every row whose decision stood before."""
    repeated = np.ones(len(decision), dtype=np.bool_)
    repeated[np.unique(decision, return_index=True)[1]] = False
    return repeated


def _as_float32(features: NDArray[np.generic]) -> Matrix:
    """Narrow features; what float32 cannot hold becomes infinite, and is named as such."""
    with np.errstate(over="ignore"):
        return features.astype(np.float32)
