"""Policies as probabilities on logged contexts, which is how an estimator takes them.

Knows nothing of who decides: a rung's choices come in, probabilities go out.
"""

import numpy as np

from churn_saver.errors import InputError
from churn_saver.evidence.logged import Flags, Floats, Whole


def deterministic(choice: Whole, arms: int) -> Floats:
    """Give the probabilities of a policy that draws nothing: 1 for its choice, 0 for the others.

    Shapes: (n,) → (n, arms).

    Raises:
        InputError: a choice that is no arm.
    """
    strange = (choice < 0) | (choice >= arms)
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        raise InputError(f"the choice of row {row} is {choice[row]}, wanted an arm from 0 to {arms - 1}")
    return np.eye(arms)[choice]


def exploring(target: Floats, allowed: Flags, share: float) -> Floats:
    """Let a policy take a random allowed arm with a share of its decisions, as the service explores.

    (1 − ε)·π + ε/n over the n arms that the row allows; a rung that draws nothing has 1 − ε + ε/n for its
    own choice.

    Shapes: (n, k), (n, k) → (n, k).

    Raises:
        InputError: a share outside [0, 1], shapes that differ, or a row that allows nothing.
    """
    if not 0 <= share <= 1:
        raise InputError(f"the exploration share is {share:g}, wanted from 0 to 1")
    if target.shape != allowed.shape:
        raise InputError(
            f"target has shape {target.shape}, allowed {allowed.shape}: wanted the same rows and arms"
        )
    options = allowed.sum(axis=1, keepdims=True)
    if not options.all():
        raise InputError(f"row {int(np.flatnonzero(options == 0)[0])} allows no arm, wanted at least one")
    return np.asarray((1 - share) * target + share * allowed / options)
