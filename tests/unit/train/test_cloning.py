"""A start that imitates the exact policy."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from churn_saver.policy.optimum import ExactPolicy
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.state import States
from churn_saver.train.cloning import clone
from churn_saver.train.learning import Learner
from churn_saver.train.run import silent
from tests.tiny_tables import ENV, dynamics, quick

WORLD = dynamics()
PRICE = 4.0


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cloned(epochs: int, seed: int = 0, observation: str = "full", price: float = PRICE) -> Learner:
    """Give a learner whose network was taught for so many passes."""
    settings = quick(
        observation=observation, slots=64, rollout_steps=12, minibatch=128, cloning_epochs=epochs,
        learning_rate=0.01, hidden=(32,),
    )  # fmt: skip
    learner = Learner(WORLD, ENV, settings, 0, price)
    clone(learner.module, WORLD, price, learner.scaling, settings, seed, silent)
    return learner


def agreement(learner: Learner, price: float = PRICE) -> tuple[float, float, float]:
    """Give the share of like answers in states that the exact policy comes to: contact, offer, delay."""
    network, exact, portfolio = learner.network(), ExactPolicy.of(WORLD, price), Portfolio(WORLD, 64, 99)
    n_inputs, like, offers = {"nine": 9, "full": 14}[network.observation], [], [True]
    for _ in range(20):
        s = portfolio.slots
        contact, offer, delay = exact.look_up(
            States(s.customer, s.day, s.level, s.protection, s.wait, s.fatigue, s.units)
        )
        answer = network.act(portfolio.observe()[:, :n_inputs], *portfolio.open_choices())
        offers += (offer == answer[1])[contact & answer[0]].tolist()
        like.append([(contact == answer[0]).mean(), (delay == answer[2]).mean()])
        portfolio.step(contact.astype(np.int64), offer, delay)
    contact_like, delay_like = np.mean(np.array(like), axis=0).tolist()
    return contact_like, float(np.mean(offers)), delay_like


@pytest.mark.parametrize("price", [2.0, 6.0])
def test_it_answers_nearly_everywhere_as_the_exact_policy_does(price: float) -> None:
    """Nine of ten contacts, offers and delays in states of other episodes; without teaching far fewer."""
    taught, untaught = cloned(40, price=price), cloned(0, price=price)

    assert min(agreement(taught, price)) > 0.9
    assert min(agreement(untaught, price)) < 0.6


def test_fewer_inputs_can_be_taught_too() -> None:
    """The minimum observation sees less, and contacts alike in most states all the same."""
    assert agreement(cloned(40, observation="nine"))[0] > 0.8


def test_the_same_seed_teaches_the_same_and_another_does_not() -> None:
    """Bit for bit, on one thread."""
    first, again, other = (cloned(2, seed).network().weights[0] for seed in (3, 3, 4))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_only_answers_are_taught_and_no_values() -> None:
    """What a state is worth is learned from rewards afterwards."""
    before, after = cloned(0).module.state_dict(), cloned(2).module.state_dict()

    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {name for name in before if name.startswith(("trunk.", "heads."))}


def test_every_pass_is_told() -> None:
    """Three passes, three lines."""
    told: list[tuple[str, int, int]] = []
    learner = Learner(WORLD, ENV, quick(cloning_epochs=3), 0, PRICE)

    clone(learner.module, WORLD, PRICE, learner.scaling, learner.settings, 0, lambda *line: told.append(line))

    assert told == [("cloning", 1, 3), ("cloning", 2, 3), ("cloning", 3, 3)]
