"""The four estimators of a policy's value, as plain sums over rows with their influence functions.

They check nothing: `estimators.evaluate` does, and gives the intervals. All four come together, so
that the direct method, which no weight corrects, is never read alone.

Source: IPS, Horvitz and Thompson, "A generalization of sampling without replacement from a finite
universe", 1952; SNIPS, Swaminathan and Joachims, "The self-normalized estimator for counterfactual
learning", 2015, its error by the delta method as in Owen, "Monte Carlo theory, methods and
examples", eq. 9.8; DR and the direct method, Dudík, Langford and Li, "Doubly robust policy evaluation
and learning", 2011, eq. 1.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.evidence.logged import Floats


@dataclass(frozen=True, slots=True)
class Scored:
    """One estimator on one log."""

    value: float
    influence: Floats
    """What a row moves, times n; of mean 0, (n,)."""
    slope: Floats
    """By how much that changes with the row's weight, (n,)."""

    def less(self, other: "Scored") -> "Scored":
        """Give the difference on the same rows; its slope has no meaning any more and is 0."""
        return Scored(
            self.value - other.value, self.influence - other.influence, np.zeros_like(self.influence)
        )


@dataclass(frozen=True, slots=True)
class Four:
    """All four, on the same rows."""

    ips: Scored
    snips: Scored
    dr: Scored
    dm: Scored


def four(weight: Floats, reward: Floats, at_target: Floats, at_logged: Floats) -> Four:
    r"""Estimate the mean reward of a target policy π from rows (x, a, r) that p drew.

    With w = π(a|x)/p(a|x):

        IPS    mean(w·r)
        SNIPS  Σ w·r / Σ w              influence w·(r − V)/mean(w)
        DM     mean(q(x, π))            q(x, π) = Σ_a π(a|x)·q(x, a)
        DR     mean(q(x, π) + w·(r − q(x, a)))

    IPS and DR are unbiased for any q that did not see the row, where p is right; SNIPS is consistent; DM is
    as good as q.

    Shapes: all (n,).

    Args:
        weight: w.
        reward: r.
        at_target: q(x, π).
        at_logged: q(x, a).
    """
    weighed, missed = weight * reward, reward - at_logged
    corrected = at_target + weight * missed
    ips, mean_weight = float(weighed.mean()), float(weight.mean())
    snips = ips / mean_weight
    from_mean = (reward - snips) / mean_weight
    dr, dm = float(corrected.mean()), float(at_target.mean())
    return Four(
        Scored(ips, weighed - ips, reward),
        Scored(snips, weight * from_mean, from_mean),
        Scored(dr, corrected - dr, missed),
        Scored(dm, at_target - dm, np.zeros_like(reward)),
    )
