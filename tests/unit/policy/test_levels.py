"""How the risk of one customer moves."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.config import EnvSettings, parse
from churn_saver.policy.levels import RiskLevels, logit

ENV_YAML = Path(__file__).parents[3] / "ops" / "configs" / "env.yaml"


def shipped_env() -> EnvSettings:
    """Read the shipped settings."""
    return parse(EnvSettings, ENV_YAML.read_text(encoding="utf-8"), ENV_YAML.name)


def test_shipped_chain_has_the_published_stationary_distribution() -> None:
    """The design states (.289 .578 .095 .037) for the shipped chain."""
    weights = RiskLevels.of(shipped_env()).stationary()

    assert weights.tolist() == pytest.approx([0.289, 0.578, 0.095, 0.037], abs=5e-4)


def test_stationary_distribution_of_two_levels_by_hand() -> None:
    """Flow up .2·π₀ equals flow down .3·π₁, so π = (.6, .4)."""
    levels = RiskLevels((0.0, 1.0), ((0.8, 0.2), (0.3, 0.7)))

    assert levels.stationary().tolist() == pytest.approx([0.6, 0.4], abs=1e-12)


def test_levels_that_never_meet_still_have_a_stationary_distribution() -> None:
    """Two closed levels: every mix is stationary, the even one is the shortest."""
    levels = RiskLevels((0.0, 1.0), ((1.0, 0.0), (0.0, 1.0)))

    assert levels.stationary().tolist() == pytest.approx([0.5, 0.5], abs=1e-12)


def test_levels_are_put_in_order_of_their_shift() -> None:
    """Rows and columns of the transitions follow the levels."""
    env = shipped_env().model_copy(
        update={"levels": {"hot": 2.0, "usual": 0.0}, "transitions": ((0.9, 0.1), (0.3, 0.7))}
    )

    levels = RiskLevels.of(env)

    assert levels.shifts == (0.0, 2.0)
    assert levels.transitions == ((0.7, 0.3), (0.1, 0.9))


def test_thirty_days_of_a_daily_hazard_give_the_risk_of_the_level() -> None:
    """At usual logit 0 and shift ln 3, σ = 3/4: exp(−30 H) must be 1/4."""
    levels = RiskLevels((0.0, float(np.log(3.0))), ((0.5, 0.5), (0.5, 0.5)))

    hazards = levels.daily_hazards(np.array([0.0]))

    assert np.exp(-30 * hazards[:, 0]).tolist() == pytest.approx([0.5, 0.25], abs=1e-12)


@given(st.floats(1e-6, 1 - 1e-6))
def test_calibrated_logit_gives_back_the_mean_risk(risk: float) -> None:
    """Σ π_s σ(b + shift_s) equals the score, to 1e-9."""
    levels = RiskLevels.of(shipped_env())

    usual = levels.calibrated_logit(np.array([risk]))[0]

    mean = sum(
        weight / (1 + np.exp(-(usual + shift)))
        for weight, shift in zip(levels.stationary(), levels.shifts, strict=True)
    )
    assert mean == pytest.approx(risk, abs=1e-9)


def test_calibrated_logit_inverts_the_map_to_one_part_in_a_billion() -> None:
    """From b to the mean risk and back to b, over the range where risks are not clipped."""
    levels = RiskLevels.of(shipped_env())
    usual = np.linspace(-11.0, 11.0, 997)
    mean = sum(
        weight / (1 + np.exp(-(usual + shift)))
        for weight, shift in zip(levels.stationary(), levels.shifts, strict=True)
    )

    assert np.abs(levels.calibrated_logit(np.asarray(mean)) - usual).max() < 1e-9


def test_a_shift_is_placed_between_its_neighbours() -> None:
    """Half way from 0 to 1.2 is .6; beyond the ends the end level holds all the weight."""
    levels = RiskLevels.of(shipped_env())  # shifts −.8, 0, 1.2, 2.4

    lower, upper, weight = levels.between(np.array([-5.0, -0.4, 0.0, 0.6, 2.4, 9.0]))

    assert lower.tolist() == [0, 0, 1, 1, 2, 2]
    assert upper.tolist() == [1, 1, 2, 2, 3, 3]
    assert weight.tolist() == pytest.approx([0.0, 0.5, 0.0, 0.5, 1.0, 1.0], abs=1e-12)


def test_levels_of_equal_shift_and_a_single_level_have_a_place() -> None:
    """No width between two levels is no division by zero, and one level is its own neighbour."""
    twins = RiskLevels((0.0, 0.0), ((0.5, 0.5), (0.5, 0.5)))
    single = RiskLevels((0.0,), ((1.0,),))

    assert [part.tolist() for part in twins.between(np.array([0.3]))] == [[0], [1], [0.0]]
    assert [part.tolist() for part in single.between(np.array([0.3]))] == [[0], [0], [0.0]]


def test_logit_is_clipped_and_keeps_nan() -> None:
    """0 and 1 count as 1e-6 and 1 − 1e-6: ln(999999) = 13.8155."""
    result = logit(np.array([0.0, 0.5, 1.0, np.nan]))

    assert result[:3].tolist() == pytest.approx([-13.815510, 0.0, 13.815510], abs=1e-6)
    assert np.isnan(result[3])
