"""Evaluations of made-up logs, for tests of what is told of them."""

from functools import cache

import numpy as np

from churn_saver.adapters.evaluation_report import Evaluation
from churn_saver.evidence.estimators import difference, evaluate
from churn_saver.evidence.logged import Logged

ARMS = ("none", "<b>10</b>", "20")


@cache
def evaluation(against: bool = True, clip: float | None = None, estimated: bool = False) -> Evaluation:
    """Judge a policy that often wants arm 1 on 400 rows in which it was drawn with a fifth.

    Arm 1 earns 1 more on average than arm 0; arm 2 is never wanted. Compared with who logged.
    """
    rng = np.random.default_rng(7)
    rows, chances = 400, np.array([0.7, 0.2, 0.1])
    arm = rng.choice(3, rows, p=chances)
    log = Logged(
        np.arange(rows), arm, chances[arm], np.ones((rows, 3), dtype=np.bool_),
        rng.normal(2.0 + (arm == 1), 0.5), np.zeros((rows, 1), dtype=np.float32), estimated,
    )  # fmt: skip
    target, expected = np.tile([0.25, 0.75, 0.0], (rows, 1)), np.tile([2.0, 3.0, 2.0], (rows, 1))
    value = evaluate(log, target, expected, clip=clip)
    other, apart = None, None
    if against:
        other = evaluate(log, None, expected, clip=clip)
        apart = difference(log, target, None, expected, clip=clip)
    name = "logged" if against else None
    return Evaluation(
        "log.csv", "margin, USD", ARMS, "file:p.csv", value, name, other, apart, clip,
        (("of the holdout", 12), ("younger than 30 days", 3_400)), ("columns not used: <i>",),
    )  # fmt: skip
