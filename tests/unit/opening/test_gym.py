"""The portfolio under its Gymnasium id."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from churn_saver.config import Environment
from churn_saver.errors import ConfigError, InputError
from churn_saver.opening import read_settings
from churn_saver.opening.gym import ENV_ID, make_env, make_vector_env, register, synthetic_population
from churn_saver.policy.population import Population

ENV = read_settings(Environment())[0]


@pytest.fixture(autouse=True)
def _registered() -> None:
    register()


def test_it_is_made_by_its_id_and_checked_by_gymnasium() -> None:
    """Without any argument; a warning would be an error here."""
    env = gymnasium.make(ENV_ID)

    check_env(env.unwrapped)
    assert env.observation_space.shape == (14,)


def test_many_are_made_by_the_same_id_and_give_the_same_bits() -> None:
    """`make_vec` takes the array environment by itself; slot 1 is the scalar one with that slot."""
    envs = gymnasium.make_vec(ENV_ID, num_envs=3, vectorization_mode="vector_entry_point", churn="expected")
    single = gymnasium.make(ENV_ID, slot=1, churn="expected")

    together, alone = envs.reset(seed=5)[0], single.reset(seed=5)[0]
    actions = np.array([[0, 0, 3], [1, 2, 4], [1, 0, 0]])
    many, one = envs.step(actions), single.step(actions[1])

    assert type(envs) is type(gymnasium.make_vec(ENV_ID, num_envs=2))
    assert together[1].tobytes() == alone.tobytes()
    assert (many[0][1].tobytes(), many[1][1]) == (one[0].tobytes(), one[1])


def test_gymnasium_vectorises_the_scalar_one_as_well() -> None:
    """`sync` works on the same id, with arguments handed on."""
    envs = gymnasium.make_vec(ENV_ID, num_envs=2, vectorization_mode="sync", observation="nine", price=0.5)

    assert envs.reset(seed=0)[0].shape == (2, 9)


def test_registering_again_does_nothing() -> None:
    """Gymnasium would warn of an id that is there already."""
    before = gymnasium.spec(ENV_ID)

    register()

    assert gymnasium.spec(ENV_ID) is before


def test_importing_registers_nothing() -> None:
    """In a fresh process the id is unknown until `register` is called."""
    script = (
        "import gymnasium\n"
        "import churn_saver.opening.gym as ours\n"
        "print(ours.ENV_ID in gymnasium.registry)\n"
        "ours.register()\n"
        "print(ours.ENV_ID in gymnasium.registry)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]


def test_settings_and_population_can_be_handed_in() -> None:
    """Half a campaign over three customers, and `observation` as the settings say."""
    env = ENV.model_copy(update={"horizon_days": 45, "observation": "nine"})
    customers = synthetic_population(env, 3, seed=1)
    made = make_env(customers, env, churn="expected")

    made.reset(seed=0)
    steps = [made.step(np.array([0, 0, 7])) for _ in range(6)]

    assert made.observation_space.shape == (9,)
    assert [step[2] for step in steps] == [False] * 5 + [True]
    assert make_vector_env(2, customers, env, observation="full").reset(seed=0)[0].shape == (2, 14)


def test_the_drawn_population_is_always_the_same() -> None:
    """256 customers; bills of 18 to 120, risks with a mean near .27."""
    one, other = synthetic_population(ENV), synthetic_population(ENV)

    assert isinstance(one, Population)
    assert len(one) == 256
    assert np.array_equal(one.usual_logit, other.usual_logit)
    assert (one.bill_minor.min() >= 1_800, one.bill_minor.max() <= 12_000) == (True, True)
    assert not np.array_equal(one.bill_minor, synthetic_population(ENV, seed=21).bill_minor)


@pytest.mark.parametrize(
    ("wish", "error", "message"),
    [
        ({"churn": "sometimes"}, InputError, r"churn of the environment is 'sometimes'"),
        ({"observation": "ten"}, InputError, r"observation of the environment is 'ten'"),
        ({"price": -1.0}, InputError, r"price of the environment is -1\.0, wanted λ ≥ 0"),
        ({"slot": -1}, InputError, r"slot of the environment is -1"),
        ({"budget": 5}, TypeError, r"unexpected keyword argument 'budget'"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused_by_name(
    wish: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Through `gymnasium.make`, as a user meets it."""
    with pytest.raises(error, match=message):
        gymnasium.make(ENV_ID, **wish)


def test_settings_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CONFIG_DIR says where env.yaml is looked for."""
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path))

    with pytest.raises(ConfigError, match=r"env\.yaml cannot be read.*CONFIG_DIR"):
        make_env()


@pytest.mark.parametrize("package", ["gymnasium", "numba"])
def test_an_absent_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """The service is installed without both."""
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ConfigError, match=rf"{package}.*pip install 'churn-saver\[rl\]'"):
        register()
