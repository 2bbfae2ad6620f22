"""What a policy does, exactly."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.evaluation import BATCH_STATES, Evaluation, evaluate
from churn_saver.policy.state import Decisions, Policy, States
from tests.tiny_campaigns import campaign, one_level, random_policy, tiny

NUMBERS = ("reward", "spend", "over_cap", "contacts", "decisions", "survival")
State = tuple[int, int, int, int, int, int]
"""Day, level, protection, wait, fatigue, units."""


def one_state(customer: int, state: State) -> States:
    """Show a policy a single state."""
    return States(*(np.array([x]) for x in (customer, *state)))


class Ruler:
    """The expectation by plain recursion over states, day after day; shares nothing but the numbers."""

    def __init__(self, dynamics: Dynamics, policy: Policy, customer: int) -> None:
        """Take one customer of a campaign."""
        self.d, self.policy, self.c = dynamics, policy, customer
        self.known: dict[object, NDArray[np.float64]] = {}

    def expected(self) -> NDArray[np.float64]:
        """Give the six numbers of the whole campaign."""
        d = self.d
        total = np.zeros(6)
        for level in range(d.n_levels):
            total += d.start[level] * self.decide((0, level, 0, 0, 0, d.allowance_units))
        return total

    def decide(self, state: State) -> NDArray[np.float64]:
        """Give what is to be expected from a decision on."""
        if state in self.known:
            return self.known[state]
        d, c = self.d, self.c
        day, level, protection, _, fatigue, units = state
        answer = self.policy(one_state(c, state))
        contact = float(answer.contact[0])
        total = np.array([-d.decision_cost_minor, 0.0, 0.0, 0.0, 1.0, 0.0])
        total[0] -= contact * d.contact_cost_minor
        total[1:4] += contact * np.array([d.contact_cost_minor, float(fatigue >= d.contact_cap), 1.0])
        for delay in range(8):
            chance = float(answer.delay[0, delay])
            if chance == 0.0:
                continue
            total += chance * (1 - contact) * self.live(1 + delay, state)
            for k in range(4):
                made = chance * contact * d.stays[fatigue] * answer.offer[0, k] if contact else 0.0
                if made == 0.0:
                    continue
                accepted = d.accept[c, k] * d.rested[fatigue]
                shielded = max(protection, int(d.protected_days[k]))
                after = (day, level, shielded, d.cooldown_days, fatigue + 1, units - int(d.offer_units[k]))
                price = d.offer_cost_minor[c, k] * np.array([-1.0, 1.0, 0, 0, 0, 0])
                total += made * accepted * (price + self.live(1 + delay, after))
                after = (day, level, protection, d.cooldown_days, fatigue + 1, units)
                total += made * (1 - accepted) * self.live(1 + delay, after)
        self.known[state] = total
        return total

    def live(self, days: int, state: State) -> NDArray[np.float64]:
        """Give what is to be expected when nothing is decided for so many days."""
        d, c = self.d, self.c
        day, level, protection, wait, fatigue, units = state
        if day == d.horizon_days:
            return np.array([d.terminal_minor[c], 0, 0, 0, 0, 1.0])
        if days == 0:
            return self.decide(state)
        if (days, state) in self.known:
            return self.known[days, state]
        fatigue = 0 if (day + 1) % d.period_days == 0 else fatigue
        total: NDArray[np.float64] = np.array([d.daily_margin_minor[c], 0, 0, 0, 0, 0])
        for to in range(d.n_levels):
            after = (day + 1, to, max(protection - 1, 0), max(wait - 1, 0), fatigue, units)
            total += d.transitions[level, to] * self.live(days - 1, after)
        total *= d.survival[int(protection > 0), c, level]
        self.known[days, state] = total
        return total


def numbers(evaluation: Evaluation) -> NDArray[np.float64]:
    """Give the six numbers of each customer, (n, 6)."""
    return np.stack([getattr(evaluation, name) for name in NUMBERS], axis=1)


def contact_once(offer: int) -> Policy:
    """Contact on day 0 with one offer, decide every day."""

    def policy(states: States) -> Decisions:
        m = len(states)
        return Decisions.sure(states.day == 0, np.full(m, offer), np.zeros(m, dtype=np.int64))

    return policy


def idle(delay: int) -> Policy:
    """Never contact."""

    def policy(states: States) -> Decisions:
        m = len(states)
        return Decisions.sure(np.zeros(m, dtype=bool), np.zeros(m, dtype=np.int64), np.full(m, delay))

    return policy


def test_two_days_by_hand() -> None:
    """A contact with 10 % of 30.00 on day 0, nothing on day 1.

    .9 stay, half accept: .45 protected for three days, .45 not.
    Protected: .45·.9 = .405 and .405·.9 = .3645; else .45·.81 = .3645 and .3645·.81 = .295245.
    Margin 100·(.405 + .3645 + .3645 + .295245) = 142.9245; survivors .659745, worth 6000: 3958.47.
    Spend 100 + .45·300 = 235; decisions 1 + (.405 + .3645) = 1.7695 at 5: 8.8475.
    """
    result = evaluate(one_level(), contact_once(2))

    assert result.survival.tolist() == pytest.approx([0.659745], abs=1e-12)
    assert result.spend.tolist() == pytest.approx([235.0], abs=1e-9)
    assert result.contacts.tolist() == [1.0]
    assert result.over_cap.tolist() == [0.0]
    assert result.decisions.tolist() == pytest.approx([1.7695], abs=1e-12)
    assert result.reward.tolist() == pytest.approx([142.9245 + 3958.47 - 235 - 8.8475], abs=1e-8)
    assert result.states == 1 + 2
    assert result.dropped.tolist() == result.reward_slack.tolist() == result.spend_slack.tolist() == [0.0]


def test_contacts_above_the_cap_are_counted_and_a_period_forgives() -> None:
    """A cap of 1, a contact a day without survivors lost: days 0, 1 and 2 of the first period, then day 30.

    Over the cap are the second and the third contact and none on day 30.
    """
    dynamics = one_level(horizon_days=31, per_period=1)
    nobody_leaves = replace(
        dynamics, survival=np.ones_like(dynamics.survival), stays=np.ones_like(dynamics.stays)
    )

    def policy(states: States) -> Decisions:
        m, contact = len(states), (states.day < 3) | (states.day == 30)
        return Decisions.sure(contact, np.zeros(m, dtype=np.int64), np.where(states.day == 28, 2, 0))

    result = evaluate(nobody_leaves, policy)

    assert result.contacts.tolist() == pytest.approx([3.0], abs=1e-12)  # day 28 sleeps through day 30
    assert result.over_cap.tolist() == pytest.approx([2.0], abs=1e-12)

    def woken(states: States) -> Decisions:
        m, contact = len(states), (states.day < 3) | (states.day == 30)
        return Decisions.sure(contact, np.zeros(m, dtype=np.int64), np.where(states.day == 28, 1, 0))

    result = evaluate(nobody_leaves, woken)

    assert result.contacts.tolist() == pytest.approx([4.0], abs=1e-12)
    assert result.over_cap.tolist() == pytest.approx([2.0], abs=1e-12)


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        (0, {}),
        (1, {}),
        (2, {"cooldown_days": 0, "per_period": 2, "horizon_days": 5}),
        (3, {"cooldown_days": 12, "horizon_days": 14}),
        (4, {"allowance_units": 0}),
        (5, {"horizon_days": 1}),
        (6, {"protected_days": (20, 30, 40, 50), "horizon_days": 10}),
    ],
)
def test_every_number_equals_a_plain_recursion(seed: int, changes: dict[str, Any]) -> None:
    """Random policies, contacts above the cap included; period, cooldown and horizon cut every way."""
    dynamics = tiny(seed, **changes)
    policy = random_policy(dynamics, seed)

    result = numbers(evaluate(dynamics, policy))

    for customer in range(len(dynamics)):
        expected = Ruler(dynamics, policy, customer).expected()
        assert result[customer].tolist() == pytest.approx(expected.tolist(), rel=1e-10, abs=1e-10)


def test_a_simulation_agrees() -> None:
    """Episodes played one by one, with real accidents: all six means within four standard errors."""
    dynamics = tiny(3, horizon_days=12)
    policy, rng, n = random_policy(dynamics, 8), np.random.default_rng(0), 4_000
    answers: dict[State, Decisions] = {}

    def episode() -> list[float]:
        d, c, level = dynamics, 0, int(rng.random() > dynamics.start[0])
        reward = spend = over = contacts = looks = 0.0
        day, due, protection, wait, fatigue, units = 0, 0, 0, 0, 0, d.allowance_units
        while day < d.horizon_days:
            if day == due:
                state = (day, level, protection, wait, fatigue, units)
                if state not in answers:
                    answers[state] = policy(one_state(c, state))
                answer = answers[state]
                looks, reward = looks + 1, reward - d.decision_cost_minor
                due = day + 1 + int(rng.choice(8, p=answer.delay[0]))
                if rng.random() < answer.contact[0]:
                    k = int(rng.choice(4, p=answer.offer[0]))
                    contacts, over = contacts + 1, over + (fatigue >= d.contact_cap)
                    spend += d.contact_cost_minor
                    if rng.random() > d.stays[fatigue]:
                        return [reward - spend, spend, over, contacts, looks, 0.0]
                    if rng.random() < d.accept[c, k] * d.rested[fatigue]:
                        spend += d.offer_cost_minor[c, k]
                        protection, units = max(protection, d.protected_days[k]), units - d.offer_units[k]
                    wait, fatigue = d.cooldown_days, fatigue + 1
            if rng.random() > d.survival[int(protection > 0), c, level]:
                return [reward - spend, spend, over, contacts, looks, 0.0]
            reward += d.daily_margin_minor[c]
            level = int(rng.random() > d.transitions[level, 0])
            day, protection, wait = day + 1, max(protection - 1, 0), max(wait - 1, 0)
            fatigue = 0 if day % d.period_days == 0 else fatigue
        return [reward - spend + d.terminal_minor[c], spend, over, contacts, looks, 1.0]

    played = np.array([episode() for _ in range(n)])
    exact = numbers(evaluate(dynamics, policy))[0]

    assert np.all(np.abs(played.mean(axis=0) - exact) < 4 * played.std(axis=0) / n**0.5)


@pytest.mark.parametrize("delay", [0, 3, 7])
def test_never_contacting_is_worth_its_own_value_less_the_looks(delay: int) -> None:
    """At every delay the reward is U_0 minus decision costs, and nobody is paid for."""
    dynamics = campaign(n=4)
    values = never_contacted(dynamics)[:, 0, 0] @ dynamics.start

    result = evaluate(dynamics, idle(delay))

    looks = result.decisions * dynamics.decision_cost_minor
    assert result.reward.tolist() == pytest.approx((values - looks).tolist(), rel=1e-12)
    assert result.spend.tolist() == result.contacts.tolist() == [0.0] * 4


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_nobody_is_lost_when_nobody_leaves(seed: int) -> None:
    """Probability is conserved: all survive, and reward is margin less what was paid and looked."""
    dynamics = tiny(seed)
    dynamics = replace(dynamics, survival=np.ones_like(dynamics.survival), stays=np.ones_like(dynamics.stays))

    result = evaluate(dynamics, random_policy(dynamics, seed))

    margin = dynamics.horizon_days * dynamics.daily_margin_minor + dynamics.terminal_minor
    paid = result.spend + result.decisions * dynamics.decision_cost_minor
    assert result.survival.tolist() == pytest.approx([1.0, 1.0], abs=1e-12)
    assert result.reward.tolist() == pytest.approx((margin - paid).tolist(), rel=1e-12)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(1e-8, 0.2))
def test_pruning_stays_within_its_slack(seed: int, prune: float) -> None:
    """Fewer states are asked; reward and spend move by no more than is said."""
    dynamics = tiny(seed)
    policy = random_policy(dynamics, seed)

    whole, pruned = evaluate(dynamics, policy), evaluate(dynamics, policy, prune=prune)

    assert pruned.states <= whole.states
    assert np.all(pruned.dropped <= 1.0 + 1e-12)
    assert np.all(np.abs(pruned.reward - whole.reward) <= pruned.reward_slack + 1e-9)
    assert np.all(np.abs(pruned.spend - whole.spend) <= pruned.spend_slack + 1e-9)
    assert np.all(pruned.contacts <= whole.contacts + 1e-12)


def test_a_customer_who_is_pruned_at_once_is_never_contacted() -> None:
    """Everything is dropped on day 0, and then counts as never looked at: exactly."""
    dynamics = tiny(1)

    result = evaluate(dynamics, random_policy(dynamics, 1), prune=0.999)

    alone = never_contacted(dynamics)[:, 0, 0] @ dynamics.start
    assert result.reward.tolist() == pytest.approx(alone.tolist(), rel=1e-12)
    assert result.dropped.tolist() == pytest.approx([1.0, 1.0])
    assert result.states == 0


def test_a_customer_comes_out_the_same_alone_and_among_many() -> None:
    """In every chunk, and when the states of a day do not fit one question."""
    dynamics = campaign(n=70, horizon_days=22)
    policy, largest = random_policy(dynamics, 5), [0]

    def watched(states: States) -> Decisions:
        largest[0] = max(largest[0], len(states))
        return policy(states)

    together = numbers(evaluate(dynamics, watched))

    assert largest[0] == BATCH_STATES
    for customer in (0, 40, 69):
        alone = numbers(evaluate(only(dynamics, customer), shifted(policy, customer)))
        assert alone[0].tolist() == together[customer].tolist()


def only(dynamics: Dynamics, customer: int) -> Dynamics:
    """Leave one customer in a campaign."""
    at = slice(customer, customer + 1)
    columns = ("bill_minor", "daily_margin_minor", "terminal_minor", "accept", "offer_cost_minor")
    rows = {name: getattr(dynamics, name)[at] for name in columns}
    return replace(dynamics, survival=dynamics.survival[:, at], **rows)


def shifted(policy: Policy, customer: int) -> Policy:
    """Answer for row 0 as for another row."""
    return lambda states: policy(replace(states, customer=states.customer + customer))


def test_progress_runs_to_its_end() -> None:
    """Days worked through, of all."""
    told: list[tuple[str, int, int]] = []

    evaluate(tiny(horizon_days=4), idle(0), progress=lambda *step: told.append(step))

    assert told == [("evaluating", day, 4) for day in (1, 2, 3, 4)]


def test_what_cannot_be_evaluated_is_refused() -> None:
    """A prune that is no probability, and a policy's fault."""
    with pytest.raises(InputError, match=r"prune is 1\.0, wanted a probability below 1"):
        evaluate(tiny(), idle(0), prune=1.0)
    with pytest.raises(InputError, match=r"prune is nan"):
        evaluate(tiny(), idle(0), prune=float("nan"))
    with pytest.raises(InputError, match=r"the policy's sum of delay is 0 for customer 0 on day 0"):
        evaluate(tiny(), lambda s: replace(idle(0)(s), delay=np.zeros((len(s), 8))))
