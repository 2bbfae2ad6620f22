"""Boosted trees: arrays in, raw scores out. The only module that knows the boosting library.

The library is imported when trees are grown, read or asked, so that the rest of the package stays
light. Each fit runs on one thread with a fixed seed: the same rows make the same bytes. Knows
nothing of customers, calibration or files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.grown_trees import require_grown
from churn_saver.errors import ArtifactError

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
FEW_ROWS = 1_024
"""Asked on one thread: others would have to wake up and to be waited for, which takes longer than the answer
where cores are busy."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to grow the trees."""

    trees: int
    depth: int
    learning_rate: float
    min_child_weight: float
    """Least sum of p(1 − p) in a leaf."""
    row_share: float
    column_share: float
    seed: int
    rising: tuple[str, ...] = ()
    """Columns in which the score may only rise."""


class _Booster(Protocol):
    """What is used of the library's booster."""

    def inplace_predict(self, data: Matrix, *, predict_type: str, validate_features: bool) -> Matrix: ...

    def predict(self, data: object, *, pred_contribs: bool) -> Matrix: ...

    def save_raw(self, raw_format: str) -> bytearray: ...

    def set_param(self, params: dict[str, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Trees:
    """Grown trees and the columns they expect; asking them changes nothing, so threads may share them."""

    names: tuple[str, ...]
    """Columns of x, in order."""
    _booster: _Booster = field(repr=False)
    """Uses one thread."""
    _crew: _Booster | None = field(default=None, repr=False)
    """The same trees, on several threads; None: one is enough for any question."""

    def raw(self, x: Matrix) -> Floats:
        """Score rows, in log-odds. Shapes: (n, d) → (n,)."""
        asked = self._booster if self._crew is None or len(x) <= FEW_ROWS else self._crew
        scores = asked.inplace_predict(x, predict_type="margin", validate_features=False)
        return np.asarray(scores, dtype=np.float64).reshape(-1)

    def contributions(self, x: Matrix) -> Floats:
        """Split each score over the columns, in log-odds; the last column is what the trees start from.

        A row adds up to its score but for the library's own rounding to 32 bits, some 1e-6.

        Shapes: (n, d) → (n, d + 1).

        Source: Lundberg et al., From local explanations to global understanding with explainable AI for
        trees, Nature Machine Intelligence 2 (2020), by the paths of the trees themselves.
        """
        import xgboost

        rows = xgboost.DMatrix(x, feature_names=list(self.names), nthread=1)
        return np.asarray(self._booster.predict(rows, pred_contribs=True), dtype=np.float64)

    def to_bytes(self) -> bytes:
        """Give the trees in the library's own binary JSON."""
        return bytes(self._booster.save_raw("ubj"))

    @classmethod
    def from_bytes(cls, content: bytes, names: tuple[str, ...], threads: int) -> "Trees":
        """Read trees back.

        Args:
            content: What `to_bytes` gave; checked against its manifest before.
            names: Columns that the caller will send.
            threads: Threads that one large question may use; changes no result.

        Raises:
            ArtifactError: not trees, cut short, trees that could not be asked safely, or trees that were
                grown on other columns.
        """
        import xgboost

        booster, *crew = (xgboost.Booster({"nthread": n}) for n in dict.fromkeys((1, threads)))
        try:
            # The library ends the process over an empty file and takes all memory over a cut one.
            require_grown(content)
            for one in (booster, *crew):
                one.load_model(bytearray(content))
        except (ArtifactError, xgboost.core.XGBoostError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise ArtifactError(
                f"trees cannot be read ({first[:120]}): train again with `make train-risk`"
            ) from error
        if tuple(booster.feature_names or ()) != names:
            raise ArtifactError(
                f"trees were grown on {booster.feature_names}, wanted {list(names)}: "
                f"train again with `make train-risk`"
            )
        # Reading takes the number back that a booster was made with.
        for one, n in zip((booster, *crew), (1, threads), strict=False):
            one.set_param({"nthread": n})
        return cls(names, booster, *crew)


def grow(
    xs: Sequence[Matrix], label: Floats, weight: Floats | None, names: Sequence[str], recipe: Recipe
) -> Trees:
    """Grow trees on the same rows seen in one or several ways.

    Shapes: each of xs (n, d); label, weight (n,); names (d,).
    """
    import xgboost

    times = len(xs)
    rows = xgboost.DMatrix(
        np.concatenate(xs),
        np.tile(label, times),
        weight=None if weight is None else np.tile(weight, times),
        feature_names=list(names),
        nthread=1,
    )
    settings: dict[str, object] = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_depth": recipe.depth,
        "eta": recipe.learning_rate,
        "min_child_weight": recipe.min_child_weight,
        "subsample": recipe.row_share,
        "colsample_bytree": recipe.column_share,
        "seed": recipe.seed,
        "nthread": 1,
        "verbosity": 0,
    }
    if recipe.rising:
        settings["monotone_constraints"] = dict.fromkeys(recipe.rising, 1)
    return Trees(tuple(names), xgboost.train(settings, rows, recipe.trees))
