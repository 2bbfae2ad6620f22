"""The simulated world whose true values are known, and coverage at a size for every change."""

import numpy as np
import pytest

from benchmarks.evidence_offpolicy import (
    ARMS,
    LOGGING,
    RETAINED,
    SERVED,
    TARGET,
    UNITS,
    campaign,
    covered,
    gated,
    long_log,
    measured,
    truth,
)
from churn_saver.evidence.logged import Logged
from tests.faults.sizes import sized

CAMPAIGNS = sized(200, 2_000)


def blind(log: Logged) -> np.ndarray:
    """Expect the same of everything, which is wrong."""
    return np.full((len(log), ARMS), log.reward.mean() / 2)


def test_the_truth_is_what_many_decisions_give() -> None:
    """Of 400,000 decisions those that did what the target does, by cell and gate: their means are its value.

    Some 100,000 rows with a spread of 47: an error of .15.
    """
    rng = np.random.default_rng(0)
    log, cell = campaign(rng, "uniform", True, 200_000)
    followed = log.arm == gated(TARGET[cell], log.allowed).argmax(axis=1)
    rewards, allowed = log.reward[followed], log.allowed[followed, -1]

    found = sum(
        share * sum(rewards[(allowed == gate) & (cell[followed] == one)].mean() for one in range(8)) / 8
        for gate, share in ((True, 0.8), (False, 0.2))
    )

    assert found == pytest.approx(truth(TARGET, money=True), abs=0.6)


def test_the_target_is_better_than_what_served() -> None:
    """Else a difference of 0 would be the truth, and nothing shown."""
    assert truth(TARGET, money=True) > truth(SERVED, money=True) + 0.1
    assert RETAINED.max() + 0.15 <= 1


@pytest.mark.parametrize("logging", LOGGING)
@pytest.mark.parametrize("money", [False, True])
def test_intervals_hold_the_truth(logging: str, money: bool) -> None:
    """Of 200 campaigns 95 % hold it, even with a q that is wrong everywhere.

    If the true share is between 93 and 97 %, the count of 200 is between 174 and 200 but for one time in a
    thousand: Binomial(200, .93) has mean 186 and error 3.6, and is below 174 with chance .001. In a soak,
    Binomial(2,000, .93) has mean 1,860 and error 11.4, Binomial(2,000, .97) 1,940 and 7.6: 1,824 to 1,963.
    """
    low, high = (174, 200) if CAMPAIGNS == 200 else (1_824, 1_963)

    shares = covered(CAMPAIGNS, UNITS, logging, money, blind)

    assert len(shares) == 6
    for name, share in shares.items():
        assert low <= round(share * CAMPAIGNS) <= high, name


def test_a_long_log_is_judged_whole() -> None:
    """The figures of the speed are there, at a small size."""
    columns, target = long_log(2_000)
    found = measured(2_000)

    assert len(columns["arm"]) == len(target) == found["rows"] == 2_000
    assert found["rows_per_second"] > 0
