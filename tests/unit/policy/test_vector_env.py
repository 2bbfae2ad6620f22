"""Many customers at once as a Gymnasium environment, held to the scalar one."""

from functools import partial
from typing import get_args

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.env import RetentionEnv
from churn_saver.policy.portfolio import Churn, Reward
from churn_saver.policy.terms import Terms
from churn_saver.policy.vector_env import RetentionVectorEnv
from tests.tiny_campaigns import campaign, one_level, tiny

CHURNS: tuple[Churn, ...] = get_args(Churn)
REWARDS: tuple[Reward, ...] = get_args(Reward)


def scalars(world: Dynamics, terms: Terms, n: int, first: int = 0) -> SyncVectorEnv:
    """Put n scalar environments together with Gymnasium's own means: the ruler."""
    return SyncVectorEnv(
        [partial(RetentionEnv, world, terms, slot) for slot in range(first, first + n)],
        autoreset_mode=AutoresetMode.SAME_STEP,
    )


def same_bits(one: object, other: object) -> bool:
    """Compare answers of `reset` or `step`, infos with their keys, shapes and types, exactly."""
    return bool(data_equivalence(one, other, exact=True))


@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("reward", REWARDS)
@pytest.mark.parametrize("price", [None, 0.8])
@pytest.mark.parametrize("seed", [0, 12345])
def test_it_is_scalar_environments_bit_for_bit(
    churn: Churn, reward: Reward, price: float | None, seed: int
) -> None:
    """Everything that `reset` and `step` return, over several episodes of each of five slots."""
    world, terms, n = campaign(12), Terms(churn=churn, reward=reward, price=price), 5
    many, ruler = RetentionVectorEnv(world, terms, n, slot=3), scalars(world, terms, n, first=3)
    many.action_space.seed(seed)
    ended = np.zeros(n, dtype=np.int64)

    assert same_bits(many.reset(seed=seed), ruler.reset(seed=[seed] * n))
    for _ in range(90):
        actions = many.action_space.sample()
        got, wanted = many.step(actions), ruler.step(actions)
        assert same_bits(got, wanted)
        assert got[0].tobytes() == np.asarray(wanted[0]).tobytes()
        assert got[1].tobytes() == np.asarray(wanted[1]).tobytes()
        ended += got[2]
    assert same_bits(many.reset(), ruler.reset(seed=[None] * n))
    assert same_bits(many.step(actions), ruler.step(actions))
    assert ended.min() >= 2


@settings(max_examples=20)
@given(st.integers(0, 2**64 - 1), st.integers(0, 5), st.sampled_from(CHURNS), st.sampled_from(REWARDS))
def test_it_is_scalar_environments_in_tiny_campaigns_too(
    seed: int, world: int, churn: Churn, reward: Reward
) -> None:
    """Seven days, two levels, few units: every slot ends often, and some end together."""
    dynamics, terms, n = tiny(world, 3), Terms(observation="nine", churn=churn, reward=reward), 3
    many, ruler = RetentionVectorEnv(dynamics, terms, n), scalars(dynamics, terms, n)
    many.action_space.seed(seed % 2**31)

    assert same_bits(many.reset(seed=seed), ruler.reset(seed=[seed] * n))
    for _ in range(12):
        actions = many.action_space.sample()
        assert same_bits(many.step(actions), ruler.step(actions))


def test_what_ended_is_kept_beside_what_begins() -> None:
    """Everybody leaves on the first day: the next customers are seen, the last look and info are kept."""
    world = one_level(n=4, horizon_days=9)
    world.survival[:] = 0.0
    envs = RetentionVectorEnv(world, Terms(), 2)
    envs.reset(seed=0)

    seen, paid, over, truncated, info = envs.step(np.array([[1, 0, 0], [0, 0, 0]]))

    final = info["final_info"]
    assert (over.tolist(), truncated.tolist()) == ([True, True], [False, False])
    assert paid.tolist() == [-1.05, -0.05]
    assert [last[10] for last in info["final_obs"]] == pytest.approx([8 / 9, 8 / 9])  # type: ignore[attr-defined]
    assert seen[:, 10].tolist() == [1.0, 1.0]
    assert "spend" not in info
    assert final["spend"].tolist() == [1.0, 0.0]  # type: ignore[index]
    assert final["contacted"].tolist() == [True, False]  # type: ignore[index]


def test_what_a_step_brought_is_told_where_no_episode_ended() -> None:
    """Else the numbers are 0, `_spend` says whose they are, and the final info has the others."""
    envs = RetentionVectorEnv(campaign(30), Terms(), 300)
    envs.reset(seed=0)
    contacts = np.tile([1, 0, 7], (300, 1))

    _, _, over, _, info = envs.step(contacts)

    assert 0 < over.sum() < 300
    assert np.array_equal(info["_spend"], ~over)  # type: ignore[arg-type]
    assert np.array_equal(info["spend"], np.where(over, 0.0, 1.0))  # type: ignore[arg-type]
    assert np.array_equal(info["_final_info"], over)  # type: ignore[arg-type]


def test_its_spaces_are_those_of_its_slots() -> None:
    """Batches of the scalar ones, and what is seen lies in them."""
    world, terms = campaign(5), Terms(observation="nine")
    envs, single = RetentionVectorEnv(world, terms, 6), RetentionEnv(world, terms)

    seen = envs.reset(seed=1)[0]

    assert envs.single_observation_space == single.observation_space
    assert envs.single_action_space == single.action_space
    assert (envs.observation_space.shape, envs.action_space.shape) == ((6, 9), (6, 3))
    assert seen in envs.observation_space
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


def test_answers_are_not_reused() -> None:
    """What one step gave is still there after the next."""
    envs = RetentionVectorEnv(campaign(5), Terms(), 4)
    seen, told = envs.reset(seed=1)
    kept, open_before = seen.copy(), np.array(told["allowed_contact"])

    envs.step(np.tile([1, 0, 3], (4, 1)))

    assert np.array_equal(seen, kept)
    assert np.array_equal(np.array(told["allowed_contact"]), open_before)


def test_statistics_of_episodes_can_be_recorded() -> None:
    """Gymnasium's own recorder, which reads ends and rewards, finds as many ends as there are."""
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(RetentionVectorEnv(tiny(), Terms(), 8))
    envs.reset(seed=0)
    over = sum(int(envs.step(np.tile([0, 0, 7], (8, 1)))[2].sum()) for _ in range(5))

    assert over == envs.episode_count == 40


def test_bad_use_is_refused_by_name() -> None:
    """No reset yet, an action out of range, options, no slots."""
    envs = RetentionVectorEnv(tiny(), Terms(), 3)
    actions = np.zeros((3, 3), dtype=np.int64)

    with pytest.raises(gymnasium.error.ResetNeeded, match=r"no episode is under way: call reset\(\)"):
        envs.step(actions)
    envs.reset(seed=0)
    actions[2, 1] = 4
    with pytest.raises(InputError, match=r"offer is 4 in slot 2, wanted 0 to 3"):
        envs.step(actions)
    with pytest.raises(InputError, match=r"options \['reset_mask'\], wanted none"):
        envs.reset(options={"reset_mask": np.ones(3, dtype=np.bool_)})
    with pytest.raises(InputError, match=r"a portfolio of 0 slots"):
        RetentionVectorEnv(tiny(), Terms(), 0)
