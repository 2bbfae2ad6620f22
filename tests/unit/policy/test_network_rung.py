"""A trained network among simulated states."""

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.policy.actor_critic import served
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.network_rung import network_rung
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.state import States
from tests.policies import SCALING, actor_critic, opinionated
from tests.tiny_campaigns import campaign

WORLD = campaign(6, horizon_days=20)


def network(observation: str, seed: int = 1) -> PolicyNetwork:
    """Give one that contacts about as often as not."""
    return served(opinionated(actor_critic(observation, seed), seed, 0.3), SCALING)


def states(dynamics: Dynamics, n: int = 300, seed: int = 0) -> tuple[States, Portfolio]:
    """Give states that a portfolio comes to, and the portfolio that stands there."""
    portfolio, rng = Portfolio(dynamics, n, seed), np.random.default_rng(seed)
    for _ in range(3):
        portfolio.step(rng.integers(0, 2, n), rng.integers(0, 4, n), rng.integers(0, 3, n))
    s = portfolio.slots
    return States(s.customer, s.day, s.level, s.protection, s.wait, s.fatigue, s.units), portfolio


@pytest.mark.parametrize(("observation", "inputs"), [("nine", 9), ("full", 14), ("full_price", 14)])
def test_it_answers_as_the_network_does_to_what_the_simulator_shows(observation: str, inputs: int) -> None:
    """Contact, offer and delay for certain; the price stands last where it is seen."""
    at, portfolio = states(WORLD)
    seen, price = portfolio.observe()[:, :inputs], 2.5 if observation == "full_price" else None
    if price is not None:
        seen = np.concatenate([seen, np.full((len(seen), 1), price, dtype=np.float32)], axis=1)

    answer = network_rung(WORLD, network(observation), price)(at)

    contact, offer, delay = network(observation).act(seen, *portfolio.open_choices())
    assert answer.contact.tolist() == contact.astype(float).tolist()
    assert answer.offer.argmax(axis=1).tolist() == offer.tolist()
    assert answer.delay.argmax(axis=1).tolist() == delay.tolist()
    assert (np.sort(answer.offer, axis=1)[:, -2:] == [0.0, 1.0]).all()
    assert 0 < contact.sum() < len(at)
    assert len(set(delay.tolist())) > 1


def test_a_state_has_the_same_answer_alone_and_among_many() -> None:
    """So that a policy is one thing, whoever asks and in whatever order."""
    at, _ = states(WORLD)
    rung = network_rung(WORLD, network("full"))
    together = rung(at)

    for i in range(0, len(at), 37):
        alone = rung(States(*(getattr(at, name)[i : i + 1] for name in States.__slots__)))

        for part in ("contact", "offer", "delay"):
            assert getattr(alone, part)[0].tolist() == getattr(together, part)[i].tolist()


def test_what_the_caps_close_is_never_answered() -> None:
    """Exact evaluation refuses it, and finds nothing to refuse; no contact is above the cap."""
    found = evaluate(WORLD, network_rung(WORLD, network("full_price"), 1.0))

    assert found.contacts.sum() > 0.0
    assert found.over_cap.sum() == 0.0


def test_another_price_is_another_policy() -> None:
    """Within the range that the network has met; beyond it answers as at its end."""
    at, _ = states(WORLD)
    answers = {
        price: network_rung(WORLD, network("full_price"), price)(at) for price in (0.25, 1.0, 4.0, 100.0)
    }

    assert answers[4.0].contact.tolist() == answers[100.0].contact.tolist()
    assert answers[0.25].contact.tolist() != answers[4.0].contact.tolist()


@pytest.mark.parametrize(
    ("observation", "price", "message"),
    [
        ("full", 2.0, r"price is 2\.0 for a policy of observation 'full', wanted None"),
        ("nine", 0.0, r"price is 0\.0 for a policy of observation 'nine', wanted None"),
        ("full_price", None, r"price is None for a policy of observation 'full_price', wanted a number"),
    ],
)
def test_a_price_is_given_to_whom_it_belongs(observation: str, price: float | None, message: str) -> None:
    """One too many and one too few are both refused."""
    with pytest.raises(InputError, match=message):
        network_rung(WORLD, network(observation), price)
