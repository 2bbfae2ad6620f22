"""Many questions at once: levels and p-values that hold for all of them together.

Source: Šidák, "Rectangular confidence regions for the means of multivariate normal distributions",
JASA 62 (1967); Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995);
Benjamini and Yekutieli, "The control of the false discovery rate in multiple testing under
dependency", Annals of Statistics 29 (2001), theorem 1.3.
"""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["hochberg", "yekutieli"]
"""hochberg: tests that are independent or rise together. yekutieli: any dependence, at a price of
Σ 1/i over the tests, about ln of their number."""


def each_level(level: float, questions: int) -> float:
    """Give the level of each interval so that all of them cover together with `level`, after Šidák.

    Exact for independent intervals; for normal ones that depend on each other it covers at least as
    much.

    Raises:
        InputError: a level outside (0, 1), or no question.
    """
    if not 0 < level < 1 or questions < 1:
        raise InputError(
            f"level is {level} over {questions} intervals, wanted a share inside (0, 1) and at least one"
        )
    return float(level ** (1 / questions))


def adjusted(p: Floats, method: Method) -> Floats:
    """Adjust p-values: those at most α are rejected, with a false discovery rate of at most α.

    Where nothing is there to be found, the false discovery rate is the family-wise rate: the chance
    of any rejection at all.

    Shapes: (k,) → (k,), each at least its p and at most 1.

    Raises:
        InputError: a p outside [0, 1], NaN included.
    """
    wrong = np.flatnonzero(~((p >= 0) & (p <= 1)))
    if len(wrong):
        raise InputError(f"p-value {int(wrong[0])} is {p[wrong[0]]}, wanted one in [0, 1]: test again")
    if len(p) == 0:
        return p.copy()
    count = len(p)
    price = float((1 / np.arange(1, count + 1)).sum()) if method == "yekutieli" else 1.0
    order = np.argsort(-p, kind="stable")
    scaled = price * count / np.arange(count, 0, -1) * p[order]
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return found
