"""What a log taught of effects, by itself: asked about a customer, written down, read back.

`uplift` grows the trees and calibrates them; here they answer. The library is imported when trees are
read, and nothing else of `evidence` is: a service that asks pays for no more. Knows nothing of files,
hashes or what the columns of x are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from churn_saver.domain.grown_trees import require_grown
from churn_saver.errors import ArtifactError
from churn_saver.evidence.logged import Floats, Matrix
from churn_saver.evidence.rising import rising_ladder

_OBJECTIVE = "reg:squarederror"
"""What the trees were grown for: they answer with effects, not with log-odds."""
_AGAIN = "learn again: churn-saver train-uplift"


class Booster(Protocol):
    """What is used of the library's booster."""

    def inplace_predict(
        self,
        data: Matrix,
        *,
        predict_type: str,
        base_margin: Matrix | None = None,
        validate_features: bool = False,
    ) -> Matrix:
        """Ask the trees. Shapes: (n, d) → (n,) or (n, classes)."""

    def save_raw(self, raw_format: str) -> bytearray:
        """Give the trees as bytes."""

    def num_features(self) -> int:
        """Count the columns that the trees were grown on."""


@dataclass(frozen=True, slots=True)
class Learner:
    """Effects for customers of whom only the features are known; asking changes nothing."""

    average: Floats
    """Mean effect of each arm above 0, (k − 1,)."""
    found: Floats
    """Mean of what the trees found, (k − 1,)."""
    slope: float
    rising: bool
    _trees: Booster = field(repr=False)

    @property
    def columns(self) -> int:
        """d, columns of x."""
        return self._trees.num_features() - 1

    def effects(self, x: Matrix) -> Floats:
        """Give the effect of every arm against arm 0. Shapes: (n, d) → (n, k), column 0 is 0."""
        calibrated = self.average + self.slope * (asked(self._trees, x, len(self.found)) - self.found)
        return laddered(calibrated, self.rising)

    def to_bytes(self) -> bytes:
        """Give the trees in the library's own binary JSON; the four numbers beside them are the caller's."""
        return bytes(self._trees.save_raw("ubj"))

    @classmethod
    def from_bytes(
        cls, content: bytes, average: Sequence[float], found: Sequence[float], slope: float, rising: bool
    ) -> "Learner":
        """Read a learner back, on one thread: it gives the same effects to the bit.

        Args:
            content: What `to_bytes` gave; checked against its manifest before.
            average: As the field.
            found: As the field, as many.
            slope: As the field, not below 0.
            rising: As the field.

        Raises:
            ArtifactError: no trees, cut short, trees that could not be asked safely or were grown for
                something else, or numbers that are none.
        """
        numbers = np.array([*average, *found, slope], dtype=np.float64)
        if not len(average) == len(found) > 0 or not np.isfinite(numbers).all() or slope < 0:
            raise ArtifactError(
                f"there are {len(average)} mean effects, {len(found)} means of what trees found and slope "
                f"{slope}, wanted one of each for each arm, finite, and a slope of 0 or more: {_AGAIN}"
            )
        trees = _read(content)
        return cls(np.array(average, np.float64), np.array(found, np.float64), slope, rising, trees)


@dataclass(frozen=True, slots=True)
class LearnedEffects:
    """A learner, and what a caller must know to ask it and to use its answer."""

    learner: Learner
    names: tuple[str, ...]
    """Columns of x, in order."""
    choices: tuple[int, ...]
    """Choice of `domain.action` that each arm is, rising from 0, (k,); others were not learned."""
    days: int
    """The effect is on the chance to be a customer so many days after the decision."""
    version: str
    """First 16 hex digits of the manifest's SHA-256."""


def asked(trees: Booster, x: Matrix, arms: int) -> Floats:
    """Ask for every arm above 0. Shapes: (n, d) → (n, arms)."""
    answers = [
        trees.inplace_predict(placed(x, arm), predict_type="value", validate_features=False)
        for arm in range(1, arms + 1)
    ]
    return np.column_stack(answers).astype(np.float64)


def placed(x: Matrix, arm: int) -> Matrix:
    """Put the place on the ladder beside what is known. Shapes: (n, d) → (n, d + 1)."""
    return np.column_stack([x, np.full(len(x), arm, dtype=np.float32)])


def laddered(effects: Floats, rising: bool) -> Floats:
    """Put arm 0 in front, and let the ladder rise where it should. Shapes: (n, k − 1) → (n, k)."""
    above = rising_ladder(effects) if rising else effects
    return np.column_stack([np.zeros(len(above)), above])


def _read(content: bytes) -> Booster:
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        # The library ends the process over an empty file and takes all memory over a cut one.
        require_grown(content)
        booster.load_model(bytearray(content))
        grown_for = json.loads(booster.save_config())["learner"]["objective"]["name"]
    except (ArtifactError, xgboost.core.XGBoostError, ValueError, KeyError) as error:
        first = str(error).strip().splitlines()[0]
        raise ArtifactError(f"trees of effects cannot be read ({first[:120]}): {_AGAIN}") from error
    if grown_for != _OBJECTIVE:
        raise ArtifactError(f"trees were grown for {grown_for!r}, wanted {_OBJECTIVE!r}: {_AGAIN}")
    # Reading takes the number back that a booster was made with.
    booster.set_param({"nthread": 1})
    trees: Booster = booster
    return trees
