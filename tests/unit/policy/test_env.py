"""One customer after another as a Gymnasium environment."""

from typing import get_args

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.env import RetentionEnv
from churn_saver.policy.portfolio import Churn, Portfolio, Reward
from churn_saver.policy.terms import Info, Terms
from tests.tiny_campaigns import campaign, one_level, tiny

CHURNS: tuple[Churn, ...] = get_args(Churn)
REWARDS: tuple[Reward, ...] = get_args(Reward)
NOTHING = np.array([0, 0, 7])


def told(info: Info) -> dict[str, object]:
    """Give what is said, arrays as lists."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in info.items()}


@pytest.mark.parametrize("observation", ["full", "nine"])
@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("reward", REWARDS)
def test_gymnasium_finds_nothing_to_complain_about(observation: str, churn: Churn, reward: Reward) -> None:
    """Its checker passes; a warning would be an error here."""
    terms = Terms(observation="nine" if observation == "nine" else "full", churn=churn, reward=reward)

    check_env(RetentionEnv(campaign(5), terms), skip_render_check=True)


def test_a_campaign_by_hand() -> None:
    """Two days. A message alone, 100 minor: nobody accepts, one in ten is annoyed, .9·.81 = .729 stay a day.

    First: 72.9 − 100 − 5 = −32.1 minor. Then .81·(100 + 6000) − 5 = 4936 minor, and it is over.
    """
    world = one_level(horizon_days=2)
    world.accept[:] = 0.0
    env = RetentionEnv(world, Terms(churn="expected"))

    seen, at_first = env.reset(seed=1)
    one = env.step(np.array([1, 0, 0]))
    two = env.step(np.array([0, 0, 7]))

    assert told(at_first) == {"allowed_contact": True, "allowed_offers": [True] * 4}
    assert seen[9:12].tolist() == pytest.approx([30.0, 1.0, 0.0])
    assert one[1] == pytest.approx(-0.321)
    assert (one[2:4], two[2:4]) == ((False, False), (True, False))
    assert told(one[4]) == {
        "spend": 1.0, "over_cap": 0.0, "contacted": True, "discount": pytest.approx(0.729),
        "allowed_contact": True, "allowed_offers": [True] * 4,
    }  # fmt: skip
    assert two[1] == pytest.approx(49.36)
    assert (two[4]["spend"], two[4]["discount"], two[4]["contacted"]) == (0.0, 0.0, False)
    assert two[0][10] == 0.0


def test_a_price_lowers_the_reward_by_what_is_spent() -> None:
    """Same draws, λ = 3: the first step of one contact is 3.00 less, the spend stays as it was."""
    free, priced = (
        RetentionEnv(one_level(horizon_days=9), Terms(churn="expected", price=price)) for price in (None, 3.0)
    )
    for env in (free, priced):
        env.reset(seed=8)

    for action in ([1, 0, 0], [0, 0, 1]):
        plain, dear = free.step(np.array(action)), priced.step(np.array(action))
        assert dear[1] == pytest.approx(plain[1] - 3.0 * action[0])
        assert dear[4]["spend"] == plain[4]["spend"]


def test_info_says_what_is_open_and_what_was_sent() -> None:
    """In the cooldown a contact is closed; one that is tried all the same is not sent and costs nothing."""
    env = RetentionEnv(one_level(horizon_days=9, cooldown_days=3), Terms(churn="expected"))
    env.reset(seed=0)

    sent, tried = env.step(np.array([1, 0, 0]))[4], env.step(np.array([1, 0, 0]))[4]

    assert (sent["contacted"], sent["allowed_contact"], sent["spend"]) == (True, False, 1.0)
    assert (tried["contacted"], tried["allowed_contact"], tried["spend"]) == (False, False, 0.0)


def test_nine_inputs_are_the_first_nine_of_all() -> None:
    """From the same seed and actions."""
    full, nine = RetentionEnv(campaign(5), Terms()), RetentionEnv(campaign(5), Terms(observation="nine"))

    pairs = [(full.reset(seed=2)[0], nine.reset(seed=2)[0])]
    pairs += [(full.step(NOTHING)[0], nine.step(NOTHING)[0])]

    assert all(one[:9].tobytes() == other.tobytes() for one, other in pairs)


@settings(max_examples=25)
@given(st.integers(0, 2**63), st.sampled_from(CHURNS), st.sampled_from(REWARDS), st.integers(0, 3))
def test_what_is_seen_lies_in_the_observation_space(
    seed: int, churn: Churn, reward: Reward, world: int
) -> None:
    """Also at the end of episodes, whatever is done; rewards are finite and nothing is truncated."""
    env = RetentionEnv(tiny(world, 4), Terms(churn=churn, reward=reward), slot=seed % 7)
    env.action_space.seed(seed % 2**31)
    assert env.reset(seed=seed)[0] in env.observation_space

    for _ in range(25):
        seen, paid, over, truncated, _ = env.step(env.action_space.sample())
        assert seen in env.observation_space
        assert (np.isfinite(paid), type(over), truncated) == (True, bool, False)
        if over:
            assert env.reset()[0] in env.observation_space


def test_a_seed_gives_its_slot_of_a_portfolio_and_a_reset_the_next_episode() -> None:
    """Also in the middle of an episode, which is then left."""
    world = campaign(20)
    env, portfolio = RetentionEnv(world, Terms(), slot=2), Portfolio(world, 5, 77, churn="sampled")

    first = env.reset(seed=77)[0]
    before = portfolio.observe()[2]
    env.step(NOTHING)
    second = env.reset()[0]
    portfolio.renew(np.arange(5))

    assert first.tobytes() == before.tobytes()
    assert second.tobytes() == portfolio.observe()[2].tobytes()
    assert env.reset(seed=77)[0].tobytes() == first.tobytes()


def test_without_a_seed_runs_differ_until_one_is_given() -> None:
    """A seed is drawn once; `reset` goes on from there."""
    world = campaign(200)
    starts = {RetentionEnv(world, Terms()).reset()[0].tobytes() for _ in range(20)}

    assert len(starts) > 1


def test_who_left_is_seen_no_more() -> None:
    """Everybody leaves on the first day: an end, and no step before the next reset."""
    world = one_level(horizon_days=9)
    world.survival[:] = 0.0
    env = RetentionEnv(world, Terms())
    env.reset(seed=0)

    over = env.step(NOTHING)[2]

    assert over
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"no episode is under way: call reset\(\)"):
        env.step(NOTHING)
    env.reset()
    assert env.step(NOTHING)[2]


def test_a_step_before_the_first_reset_is_refused() -> None:
    """There is nobody to decide for."""
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"no episode is under way"):
        RetentionEnv(tiny(), Terms()).step(NOTHING)


def test_an_action_out_of_range_is_refused_and_changes_nothing() -> None:
    """By the name of its part; the episode goes on as if it had not been tried."""
    env, other = RetentionEnv(campaign(20), Terms()), RetentionEnv(campaign(20), Terms())
    env.reset(seed=3)
    other.reset(seed=3)

    with pytest.raises(InputError, match=r"delay is 8 in slot 0, wanted 0 to 7"):
        env.step(np.array([0, 0, 8]))
    with pytest.raises(InputError, match=r"shape \(1, 2\) and type int64, wanted \(1, 3\) whole numbers"):
        env.step(np.array([0, 0]))

    assert env.step(NOTHING)[0].tobytes() == other.step(NOTHING)[0].tobytes()


def test_options_are_refused() -> None:
    """There are none; an empty mapping is none."""
    env = RetentionEnv(tiny(), Terms())
    env.reset(seed=0, options={})

    with pytest.raises(InputError, match=r"options \['level'\], wanted none"):
        env.reset(options={"level": 1})
