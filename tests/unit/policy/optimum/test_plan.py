"""The exact single-price policy."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.optimum import plan
from churn_saver.policy.optimum.plan import ExactPolicy, greedy_actions
from churn_saver.policy.optimum.pricing import best_plans, best_values
from churn_saver.policy.state import Decisions, States
from tests.best_plans import Recursion, lively
from tests.tiny_campaigns import campaign, random_policy


def state(**changes: int) -> States:
    """Give the first customer's first state, but for the named numbers."""
    first = {"customer": 0, "day": 0, "level": 0, "protection": 0, "wait": 0, "fatigue": 0, "units": 6}
    return States(**{name: np.array([value]) for name, value in (first | changes).items()})


@pytest.mark.parametrize("over_cap_price", [None, 100.0])
@pytest.mark.parametrize("price", [0.0, 2.0])
def test_the_value_of_the_programme_is_what_the_policy_earns(
    price: float, over_cap_price: float | None
) -> None:
    """Backwards and forwards agree on reward, spend and contacts above the cap, over 90 days."""
    dynamics = campaign(n=5, seed=1)

    forward = evaluate(dynamics, ExactPolicy.of(dynamics, price, over_cap_price))

    backward = best_plans(dynamics, price, over_cap_price)
    assert np.any(backward.spend > 0.0)
    assert forward.reward.tolist() == pytest.approx(backward.reward.tolist(), rel=1e-12)
    assert forward.spend.tolist() == pytest.approx(backward.spend.tolist(), rel=1e-10)
    assert forward.over_cap.tolist() == pytest.approx(backward.over_cap.tolist(), abs=1e-12)


@pytest.mark.parametrize(
    ("seed", "changes"), [(8, {}), (5, {"cooldown_days": 3}), (0, {"cooldown_days": 8, "horizon_days": 12})]
)
@pytest.mark.parametrize("over_cap_price", [None, 40.0])
def test_every_answer_is_the_best_there_is(
    seed: int, changes: dict[str, Any], over_cap_price: float | None
) -> None:
    """In every state that a random policy comes to, inside the cooldown too, no action is worth more."""
    dynamics = lively(seed, **changes)
    policy, twin = ExactPolicy.of(dynamics, 0.4, over_cap_price), Recursion(dynamics, 0, 0.4, over_cap_price)
    wander = random_policy(dynamics, 1, above_cap=over_cap_price is not None)
    met = {"waiting": 0, "contact": 0, "idle": 0}

    def watched(states: States) -> Decisions:
        contact, offer, delay = policy.look_up(states)
        for i in range(len(states)):
            if states.customer[i] != 0:
                continue
            names = ("day", "level", "protection", "wait", "fatigue", "units")
            at = tuple(int(getattr(states, name)[i]) for name in names)
            answer = (int(offer[i]) if contact[i] else None, int(delay[i]))
            assert twin.worth(at, answer) == pytest.approx(twin.decide(at), rel=1e-12)  # type: ignore[arg-type]
            met["waiting" if at[3] else "contact" if contact[i] else "idle"] += 1
        return wander(states)

    evaluate(dynamics, watched)

    assert min(met.values()) > 0


def test_ties_go_to_idle_the_cheaper_offer_and_the_longer_delay() -> None:
    """Looks are free and offers equal: a contact that helps is a message alone, and all delays are 7."""
    dynamics = campaign(n=2, decision_cost=0.0, annoyance=0.0, transitions=((0.25,) * 4,) * 4)
    same = replace(
        dynamics,
        accept=np.ones((2, 4)),
        protected_days=np.full(4, 30),
        offer_cost_minor=np.zeros((2, 4)),
        offer_units=np.zeros(4, dtype=np.int64),
    )
    useless = replace(same, accept=np.zeros((2, 4)), contact_cost_minor=0.0)

    contact, offer, delay = ExactPolicy.of(same, 0.0).look_up(state())

    assert (contact.tolist(), offer.tolist(), delay.tolist()) == ([True], [0], [7])
    contact, _, delay = ExactPolicy.of(useless, 0.0).look_up(state())
    assert (contact.tolist(), delay.tolist()) == ([False], [7])


def test_a_policy_blind_to_drift_is_a_campaign_without_it() -> None:
    """Made for levels that stay as they are, it answers everywhere, and earns less than the exact one."""
    dynamics = campaign(n=12, seed=4)
    still = replace(dynamics, transitions=np.eye(dynamics.n_levels))
    usual = int(np.flatnonzero(dynamics.shifts == 0.0)[0])
    as_usual = replace(still, survival=np.repeat(dynamics.survival[:, :, [usual]], dynamics.n_levels, axis=2))
    exact = best_values(dynamics, 1.0)

    for model in (still, as_usual):
        blind = evaluate(dynamics, ExactPolicy.of(model, 1.0))

        worth = blind.reward - 1.0 * blind.spend
        assert np.all(worth <= exact + 1e-6)
        assert worth.sum() < exact.sum() - 1.0
        assert blind.over_cap.tolist() == [0.0] * 12


def test_many_customers_are_answered_a_chunk_at_a_time() -> None:
    """The answers are those of the whole table, in the order asked."""
    dynamics = campaign(n=plan.CHUNK + 9, seed=6, horizon_days=12)
    rng = np.random.default_rng(0)
    customers = rng.permutation(len(dynamics))
    zeros = np.zeros_like(customers)
    start = States(customers, zeros, rng.integers(0, 4, len(dynamics)), zeros, zeros, zeros, zeros + 6)

    chunked = greedy_actions(dynamics, 0.2, start)

    whole = ExactPolicy.of(dynamics, 0.2)(start)
    assert 0 < chunked.contact.sum() < len(dynamics)
    for name in ("contact", "offer", "delay"):
        assert np.array_equal(getattr(chunked, name), getattr(whole, name))


@pytest.mark.parametrize(
    "nowhere",
    [
        {"protection": 3},
        {"fatigue": 3},
        {"units": 5},
        {"units": 7},
        {"day": 90},
        {"level": -1},
        {"customer": 2},
        {"protection": 31},
    ],
)
def test_a_state_that_nobody_can_be_in_is_refused(nowhere: dict[str, int]) -> None:
    """On day 0 nobody has been contacted; and a number outside the grid is another campaign's."""
    policy = ExactPolicy.of(campaign(n=2), 0.0)

    with pytest.raises(InputError, match=r"no policy brings a customer of this campaign to state 0 \(cust"):
        policy(state(**nowhere))


def test_a_table_that_would_not_fit_is_refused() -> None:
    """Before it is made."""
    few = campaign(n=2)
    rows = np.zeros(6_000, dtype=np.int64)
    columns = ("bill_minor", "daily_margin_minor", "terminal_minor", "accept", "offer_cost_minor")
    many: Dynamics = replace(
        few, survival=few.survival[:, rows], **{name: getattr(few, name)[rows] for name in columns}
    )

    with pytest.raises(InputError, match=r"6000 customers is a table of 2,812,320,000 bytes.*greedy_actions"):
        ExactPolicy.of(many, 0.0)
