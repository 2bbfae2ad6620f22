"""The rules of the ladder that have one number to tune."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.errors import InputError
from churn_saver.policy import simple_rungs
from churn_saver.policy.contact_gains import contact_costs, contact_gains
from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.state import Policy, States
from tests.tiny_campaigns import campaign

DYNAMICS = campaign(24, seed=4, horizon_days=45)
VALUES = never_contacted(DYNAMICS)
RUNGS: dict[str, tuple[Callable[[Dynamics, float], Policy], float, float]] = {
    "random": (simple_rungs.random_contacts, 0.0, 1.0),
    "risk_threshold": (simple_rungs.risk_threshold, 0.0, 1.0),
    "risk_value": (simple_rungs.risk_value, 0.0, 12_000.0),
    "greedy": (lambda dynamics, x: simple_rungs.greedy(dynamics, never_contacted(dynamics), x), 0.0, 1e5),
    "knapsack": (
        lambda dynamics, x: simple_rungs.knapsack(dynamics, never_contacted(dynamics), x),
        0.0,
        200.0,
    ),
}
"""How to make each rung, and a range of its number."""


def states(customers: list[int], **columns: int) -> States:
    """Put customers into a state: day 0, usual, nothing done, 6 units, but for the named columns."""
    plain = {"day": 0, "level": 1, "protection": 0, "wait": 0, "fatigue": 0, "units": 6, **columns}
    return States(np.array(customers), *(np.full(len(customers), plain[name]) for name in plain))


def any_states(m: int, seed: int) -> States:
    """Draw states of every kind."""
    rng = np.random.default_rng(seed)
    most = (24, 45, 4, 31, 8, 3, 7)
    return States(*(rng.integers(0, top, m) for top in most))


@pytest.mark.parametrize("name", RUNGS)
@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
def test_every_rung_keeps_to_what_is_open(name: str, seed: int, share: float) -> None:
    """No contact in the cooldown or above the cap, no offer beyond the units, rows that sum to 1."""
    make, low, high = RUNGS[name]
    asked = any_states(50, seed)

    answer = make(DYNAMICS, low + share * (high - low) / 20)(asked)

    assert np.all(answer.contact[(asked.wait > 0) | (asked.fatigue >= 2)] == 0.0)
    dear = np.array([0, 1, 2, 3]) > asked.units[:, None]
    assert np.all((answer.contact[:, None] * answer.offer)[dear] == 0.0)
    assert answer.offer.sum(axis=1) == pytest.approx(np.ones(50))
    assert answer.delay.sum(axis=1).tolist() == [1.0] * 50


@pytest.mark.parametrize(
    ("contact", "wait", "delay"), [(True, 0, 6), (False, 0, 4), (False, 1, 0), (False, 5, 4), (False, 7, 6)]
)
def test_delays_by_hand(contact: bool, wait: int, delay: int) -> None:
    """Six after a contact, so that the cooldown of seven days is just over; the constant one without."""
    rung = simple_rungs.risk_threshold(DYNAMICS, 0.0 if contact else 1.0, idle_delay=4)

    answer = rung(states([0], wait=wait))

    assert answer.contact.tolist() == [float(contact)]
    assert answer.delay.argmax() == delay


def test_a_long_cooldown_is_slept_through_in_the_longest_steps() -> None:
    """Thirty days of cooldown: delay 7 until few are left."""
    rung = simple_rungs.never(campaign(2, cooldown_days=30))

    delays = [int(rung(states([0], wait=wait)).delay.argmax()) for wait in (30, 8, 7, 0)]

    assert delays == [7, 7, 6, 7]


def test_random_offers_are_as_likely_as_each_other() -> None:
    """Those that the units cover."""
    rung = simple_rungs.random_contacts(DYNAMICS, 0.3)

    assert rung(states([0])).contact.tolist() == [0.3]
    assert rung(states([0])).offer.tolist() == [[0.25] * 4]
    assert rung(states([0], units=1)).offer.tolist() == [[0.5, 0.5, 0.0, 0.0]]
    assert rung(states([0], fatigue=2)).contact.tolist() == [0.0]


def test_a_risk_threshold_is_strict_and_falls_back_to_lower_offers() -> None:
    """The usual risk of a customer, σ(logit), and the offer that 1 and 0 units cover."""
    risk = float(np.float32(1.0 - DYNAMICS.survival[0, 3, 1] ** 30))

    assert simple_rungs.risk_threshold(DYNAMICS, risk - 1e-5)(states([3])).contact.tolist() == [1.0]
    assert simple_rungs.risk_threshold(DYNAMICS, risk + 1e-5)(states([3])).contact.tolist() == [0.0]
    offers = [
        int(simple_rungs.risk_threshold(DYNAMICS, 0.0)(states([3], units=units)).offer.argmax())
        for units in (6, 2, 1, 0)
    ]
    assert [OFFER_PERCENTS[offer] for offer in offers] == [10, 10, 5, 0]


def test_risk_value_weighs_the_bill() -> None:
    """Contact where risk · bill is above the sum, minor units."""
    everybody = states(list(range(24)))
    worth = (1.0 - DYNAMICS.survival[0, :, 1] ** 30) * DYNAMICS.bill_minor
    between = float(np.sort(worth)[11:13].mean())

    answer = simple_rungs.risk_value(DYNAMICS, between)(everybody)

    assert answer.contact.tolist() == (worth > between).astype(float).tolist()


def test_greedy_and_knapsack_take_the_best_open_offer() -> None:
    """By gain alone, or by gain less price times cost; worked state by state."""
    asked = any_states(300, 1)
    gain, cost = contact_gains(DYNAMICS, VALUES, asked), contact_costs(DYNAMICS, asked)
    answers = (
        (gain - 900.0, simple_rungs.greedy(DYNAMICS, VALUES, 900.0)(asked)),
        (gain - 2.5 * cost, simple_rungs.knapsack(DYNAMICS, VALUES, 2.5)(asked)),
    )

    for worth, answer in answers:
        contacted = 0
        for i in range(300):
            open_offers = [k for k in range(4) if k <= asked.units[i]]
            best = max(open_offers, key=lambda k: worth[i, k])
            free = asked.wait[i] == 0 and asked.fatigue[i] < 2
            wanted = bool(free and worth[i, best] > 0.0)
            contacted += wanted
            assert bool(answer.contact[i]) == wanted
            assert not wanted or answer.offer[i, best] == 1.0
        assert contacted > 3


def test_greedy_at_no_price_is_the_knapsack_at_no_price() -> None:
    """Both take every gain."""
    greedy = evaluate(DYNAMICS, simple_rungs.greedy(DYNAMICS, VALUES))
    knapsack = evaluate(DYNAMICS, simple_rungs.knapsack(DYNAMICS, VALUES, 0.0))

    assert greedy.reward.tolist() == knapsack.reward.tolist()


@pytest.mark.parametrize("name", RUNGS)
def test_tuned_spends_the_budget_and_no_more(name: str) -> None:
    """At most the budget; a rung whose number turns smoothly or over many states comes close."""
    make, low, high = RUNGS[name]
    full = max(evaluate(DYNAMICS, make(DYNAMICS, x)).spend.mean() for x in (low, high))
    told: list[int] = []

    result = simple_rungs.tuned(
        DYNAMICS, partial(make, DYNAMICS), full / 2, low, high,
        progress=lambda *step: told.append(step[1]),
    )  # fmt: skip

    assert result.evaluation.spend.mean() <= full / 2
    assert result.evaluation.spend.mean() >= full / 2 * 0.8
    again = evaluate(DYNAMICS, make(DYNAMICS, result.scalar))
    assert again.spend.tolist() == result.evaluation.spend.tolist()
    assert result.evaluation.over_cap.max() == 0.0
    assert told == list(range(len(told)))


def test_a_budget_for_everything_is_not_forced_on_anybody() -> None:
    """Where both ends fit, the end that spends more."""
    make, low, high = RUNGS["knapsack"]

    result = simple_rungs.tuned(DYNAMICS, partial(make, DYNAMICS), 1e9, low, high)

    assert result.scalar == low


def test_where_everything_overspends_the_thriftier_end_may_do() -> None:
    """Half of all contacts instead of six in ten; who asks for it is not refused."""
    result = simple_rungs.tuned(
        DYNAMICS, lambda x: simple_rungs.random_contacts(DYNAMICS, 0.9 - x), 1.0, 0.3, 0.4, settles=True
    )

    assert result.scalar == 0.4
    assert result.evaluation.spend.mean() > 1.0


def test_better_rules_gain_more_at_the_same_budget() -> None:
    """The order of the ladder on these customers: never, random, risk, knapsack."""
    budget = 400.0
    rewards = [evaluate(DYNAMICS, simple_rungs.never(DYNAMICS)).reward.mean()]
    for name in ("random", "risk_threshold", "knapsack"):
        make, low, high = RUNGS[name]
        best = simple_rungs.tuned(DYNAMICS, partial(make, DYNAMICS), budget, low, high)
        rewards.append(best.evaluation.reward.mean())

    assert rewards == sorted(rewards)


def test_what_is_no_rung_is_refused() -> None:
    """A probability, an offer and a range that cannot be."""
    with pytest.raises(InputError, match=r"the contact probability is 1\.5, wanted 0 to 1"):
        simple_rungs.random_contacts(DYNAMICS, 1.5)
    with pytest.raises(InputError, match=r"idle_delay is 8, wanted a delay of 0 to 7 days"):
        simple_rungs.never(DYNAMICS, idle_delay=8)
    with pytest.raises(InputError, match=r"the rung's number is nan, wanted a number"):
        simple_rungs.knapsack(DYNAMICS, VALUES, float("nan"))
    with pytest.raises(InputError, match=r"offer_pct is 7, wanted one of \(0, 5, 10, 15\)"):
        simple_rungs.risk_threshold(DYNAMICS, 0.5, offer_pct=7)
    with pytest.raises(InputError, match=r"spends .* at 0\.5 and more at 0\.4, wanted at most 1\.00: give a"):
        simple_rungs.tuned(DYNAMICS, lambda x: simple_rungs.random_contacts(DYNAMICS, 0.9 - x), 1.0, 0.4, 0.5)


def test_a_state_gets_the_same_answer_alone_and_among_many() -> None:
    """A policy is a function of the state."""
    asked = any_states(40, 9)
    for make, low, high in RUNGS.values():
        rung = make(DYNAMICS, low + (high - low) / 50)
        together = rung(asked)
        for i in (0, 17, 39):
            row = slice(i, i + 1)
            alone = rung(replace(asked, **{name: getattr(asked, name)[row] for name in asked.__slots__}))

            assert alone.contact[0] == together.contact[i]
            assert alone.offer[0].tolist() == together.offer[i].tolist()
