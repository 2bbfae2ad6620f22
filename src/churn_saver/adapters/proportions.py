"""Say how sure a share is. Knows nothing of what is counted.

Source: E. B. Wilson, Probable Inference, JASA 22 (1927): the score interval, which stays inside
0 to 1 and holds for small counts.
"""

import numpy as np
from numpy.typing import NDArray

_Z = 1.959963984540054
"""Standard normal quantile at 97.5 %."""


def wilson(
    share: NDArray[np.float64], count: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give both ends of the 95 % interval.

    Shapes: share (k,) in [0, 1], count (k,) above 0 → (k,), (k,).
    """
    shrink = 1 + _Z**2 / count
    middle = (share + _Z**2 / (2 * count)) / shrink
    half = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / shrink
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
