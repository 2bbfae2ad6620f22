"""One update under multipliers: what a rollout teaches, the slope of the loss, and toys it must solve."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from churn_saver.config import PpoSettings
from churn_saver.errors import TrainingError
from churn_saver.policy.actor_critic import ActorCritic, served
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import CONTACT, DELAY, OFFER, Scaling
from churn_saver.policy.network_rung import network_rung
from churn_saver.policy.portfolio import Portfolio, Reward
from churn_saver.policy.ppo import Figures, Lesson, lesson_of, update
from churn_saver.policy.rollouts import Batch, Rollout, collect, head_logits, log_probs_of
from tests.policies import SCALING, actor_critic, indifferent, opinionated, ppo_settings
from tests.tiny_campaigns import one_level, tiny

Floats = NDArray[np.float64]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def draws(seed: int = 0) -> torch.Generator:
    """Give the draws of a seed."""
    return torch.Generator().manual_seed(seed)


def decisions(m: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Batch:
    """Draw m decisions of a policy that sees nine inputs; log-probabilities 0 and bills 1."""
    rng, ones = draws(seed), torch.ones(m, dtype=dtype)
    may = torch.rand(m, generator=rng) < 0.8
    offers = torch.rand(m, 4, generator=rng) < 0.7
    offers[:, 0] = True
    contact = may & (torch.rand(m, generator=rng) < 0.6)
    offer = torch.where(offers, torch.rand(m, 4, generator=rng), -1.0).argmax(dim=1)
    x = torch.randn(m, 22, generator=rng, dtype=dtype)
    delay = torch.randint(0, 8, (m,), generator=rng)
    open_contact = torch.stack([torch.ones_like(may), may], dim=1)
    return Batch(x, open_contact, offers, contact.long(), offer, delay, torch.zeros(m, 2, dtype=dtype), ones)


def log_probs(module: ActorCritic, batch: Batch) -> Tensor:
    """Give the log-probability of each decision now."""
    with torch.no_grad():
        return log_probs_of(batch, head_logits(module.logits(batch.x), batch.open_contact, batch.open_offers))


def lesson(module: ActorCritic, batch: Batch, adv: Tensor, ratio: float = 1.0) -> Lesson:
    """Teach advantages of what is `ratio` times as likely now as when it was chosen, in both parts."""
    old = batch._replace(logp=log_probs(module, batch) - math.log(ratio))
    nothing = torch.zeros(len(adv), 3, dtype=adv.dtype)
    return Lesson(old, torch.stack([adv, adv], dim=1), nothing, nothing)


def stepped(
    module: ActorCritic, taught: Lesson, rate: float, entropy_coefficient: float = 0.0, **changes: Any
) -> Figures:
    """Go straight down the slope of everything taught, `rate` times its length; values teach nothing."""
    settings = ppo_settings(
        **{"epochs": 1, "minibatch": len(taught.adv), "value_coefficient": 0.0, **changes}
    )
    descent = torch.optim.SGD(module.parameters(), lr=rate)
    return update(module, descent, taught, settings, entropy_coefficient, draws())


def numbers(module: ActorCritic) -> list[float]:
    """Give all weights."""
    return [number for parameter in module.parameters() for number in parameter.flatten().tolist()]


# What a rollout teaches


def steps(*slots: tuple[float, float]) -> NDArray[np.float32]:
    """Put slots of two steps side by side. Shapes: n of (2,) → (2, n)."""
    return np.array(slots, dtype=np.float32).T


def test_a_lesson_by_hand() -> None:
    """Two slots, two steps, λ of the estimation .5, multipliers .75 (beside the price .25) and 2.

    Slot 0, discounts .5. Reward 2, 4 and values 1, 2, 8: the last error is 4 + .5·8 − 2 = 6, the first
    2 + .5·2 − 1 = 2 and its advantage 2 + .25·6 = 3.5. Spend 1, 2, values 0: 2, and 1 + .25·2 = 1.5.
    Over the cap 0, 1: 1, and .25. Mixed: (3.5 − 1·1.5 − 2·.25)/(1 + 1 + 2) = .375, (6 − 2 − 2)/4 = .5.

    Slot 1 ends after the first step, then discount 1. Reward 3, 1, values 1, 2, 3: 1 + 3 − 2 = 2, and
    3 − 1 = 2. Spend .5, 0 and over the cap 1, 0 as they are. Mixed: (2 − .5 − 2)/4 = −.125, 2/4 = .5.

    The four have mean 5/16 and deviations 1, −7, 3, 3 sixteenths, of mean square 17. Contacts are the
    first and the last, .375 and .5, the others −.125 and .5: either pair is −1 and 1. Bills 2 and 4.
    """
    none = steps((0, 0), (0, 0))
    r_t = np.stack([steps((2, 4), (3, 1)), steps((1, 2), (0.5, 0)), steps((0, 1), (1, 0))], axis=1)
    values = np.concatenate([steps((1, 2), (1, 2)), np.array([[8, 3]], dtype=np.float32)])
    v_t = np.stack([values, 0 * values, 0 * values], axis=1)
    gamma_t = steps((0.5, 0.5), (0, 1))[:, None]
    batch = decisions(4)._replace(bill=torch.tensor([2.0, 4.0, 2.0, 4.0]), contact=torch.tensor([1, 0, 0, 1]))

    taught = lesson_of(Rollout(batch, r_t, v_t, gamma_t, none + 0.25, np.zeros((3, 0))), 0.5, (0.75, 2.0))

    choice, timing = taught.adv.T.tolist()
    assert choice == pytest.approx([x / math.sqrt(17) for x in (1, -7, 3, 3)], abs=1e-6)
    assert timing == pytest.approx([-1, -1, 1, 1], abs=1e-6)
    assert taught.ret.numpy() == pytest.approx(
        np.array([[4.5, 1.5, 0.25], [3, 0.5, 1], [8, 2, 1], [4, 0, 0]]) / [[2], [4], [2], [4]]
    )
    assert taught.v_old.tolist() == [[0.5, 0, 0], [0.25, 0, 0], [1, 0, 0], [0.5, 0, 0]]
    assert taught.batch is batch


def error_sums(rollout: Rollout, channel: int, slot: int, lam: float) -> list[float]:
    """Give the advantages of one slot: every later error times all discounts and λ on the way there."""
    r, v = rollout.r_t[:, channel, slot].tolist(), rollout.v_t[:, channel, slot].tolist()
    gamma = rollout.gamma_t[:, 0, slot].tolist()
    errors = [r[t] + gamma[t] * v[t + 1] - v[t] for t in range(len(r))]
    return [
        sum(math.prod(gamma[k] * lam for k in range(t, later)) * errors[later] for later in range(t, len(r)))
        for t in range(len(r))
    ]


@pytest.mark.parametrize("multipliers", [(0.0, 0.0), (0.7, 0.3)])
def test_every_row_is_its_slots_at_its_time(multipliers: tuple[float, float]) -> None:
    """Row t·n + i of what was seen, of advantage, return and value alike is slot i at time t.

    A real rollout at one price, slot by slot with the sum of the paper.
    """
    n, times = 5, 6
    portfolio = Portfolio(tiny(n=5), n, seed=1, churn="sampled", prices=(1.5, 1.5))
    module = opinionated(actor_critic("full_price"), 0, 0.3)
    rollout = collect(portfolio, module, SCALING, times, draws())
    lam = (1.5 + multipliers[0], multipliers[1])

    taught = lesson_of(rollout, 0.9, multipliers)

    adv = np.empty(n * times)
    for i in range(n):
        reward, spend, cap = (error_sums(rollout, channel, i, 0.9) for channel in range(3))
        for t in range(times):
            row, values = t * n + i, rollout.v_t[t, :, i]
            bill = float(taught.batch.bill[row])
            adv[row] = (reward[t] - lam[0] * spend[t] - lam[1] * cap[t]) / (1 + sum(lam))
            returns = (np.array([reward[t], spend[t], cap[t]]) + values) / bill

            assert taught.v_old[row].tolist() == pytest.approx(values / bill, rel=1e-5)
            assert taught.ret[row].tolist() == pytest.approx(returns, rel=1e-4, abs=1e-5)
    contact = rollout.batch.contact.numpy() == 1
    assert taught.adv[:, 0].numpy() == pytest.approx(standard(adv), abs=1e-4)
    for rows in (contact, ~contact):
        assert taught.adv[torch.from_numpy(rows), 1].numpy() == pytest.approx(standard(adv[rows]), abs=1e-4)
    assert 0 < contact.sum() < n * times
    assert taught.adv.dtype == torch.float32


def standard(x: Floats) -> Floats:
    """Bring to mean 0 and standard deviation 1."""
    deviations: Floats = (x - x.mean()) / x.std()
    return deviations


def test_advantages_are_whitened_among_those_of_like_price() -> None:
    """32 slots of falling price, 8 steps: each of the 16 groups holds two neighbours, and nobody else.

    Rewards alone, and no discount: the advantage before whitening is the reward over 1 + λ.
    """
    rng = np.random.default_rng(0)
    r_t = np.zeros((8, 3, 32), dtype=np.float32)
    r_t[:, 0] = rng.normal(size=(8, 32)) * np.arange(1, 33)
    price = np.tile(np.geomspace(9.0, 0.1, 32, dtype=np.float32), (8, 1))
    batch = decisions(256)._replace(contact=torch.zeros(256, dtype=torch.int64))
    nothing, ends = np.zeros((9, 3, 32), dtype=np.float32), np.zeros((8, 1, 32), dtype=np.float32)

    taught = lesson_of(Rollout(batch, r_t, nothing, ends, price, np.zeros((3, 0))), 0.95, (0.0, 0.0))

    adv = taught.adv[:, 0].numpy().reshape(8, 32)
    for first in range(0, 32, 2):
        pair = slice(first, first + 2)
        plain = (r_t[:, 0, pair] / (1 + price[:, pair])).astype(np.float64)

        assert adv[:, pair] == pytest.approx(standard(plain), abs=1e-5)
    assert taught.adv[:, 1].tolist() == taught.adv[:, 0].tolist()


@pytest.mark.parametrize(("slots", "groups"), [(1, 1), (31, 1), (32, 2), (200, 12)])
def test_few_decisions_make_few_groups(slots: int, groups: int) -> None:
    """One of its own group would be whitened to 0 and teach nothing: a group has 16 or more."""
    rng = np.random.default_rng(slots)
    r_t = np.zeros((1, 3, slots), dtype=np.float32)
    r_t[0, 0] = rng.normal(size=slots)
    price = np.geomspace(9.0, 0.1, slots, dtype=np.float32)[None]
    batch = decisions(slots)._replace(contact=torch.zeros(slots, dtype=torch.int64))
    nothing, ends = np.zeros((2, 3, slots), dtype=np.float32), np.zeros((1, 1, slots), dtype=np.float32)

    adv = lesson_of(Rollout(batch, r_t, nothing, ends, price, np.zeros((3, 0))), 0.95, (0.0, 0.0)).adv[:, 0]

    parts = np.array_split(np.argsort(price[0], kind="stable"), groups)
    whole = adv.numpy().astype(np.float64)
    assert [float(whole[part].mean()) for part in parts] == pytest.approx([0.0] * groups, abs=1e-6)
    if slots > 1:
        assert [float(whole[part].std()) for part in parts] == pytest.approx([1.0] * groups, abs=1e-5)


# The slope


def loss_by_numpy(
    weights: dict[str, Floats], taught: Lesson, settings: PpoSettings, entropy_coefficient: float
) -> float:
    """Give the whole loss of a network of one hidden layer, decision by decision, from the formulas alone."""
    total, m = 0.0, len(taught.adv)
    for i in range(m):
        row = Batch(*(column[i] for column in taught.batch))
        x = row.x.numpy()
        hidden = np.maximum(weights["trunk.0.weight"] @ x + weights["trunk.0.bias"], 0.0)
        z = weights["heads.weight"] @ hidden + weights["heads.bias"]
        if "value_trunk.0.weight" in weights:
            hidden = np.maximum(weights["value_trunk.0.weight"] @ x + weights["value_trunk.0.bias"], 0.0)
        v = weights["values.weight"] @ hidden + weights["values.bias"]
        contact, h_contact = softmax(z[CONTACT], row.open_contact.numpy())
        offer, h_offer = softmax(z[OFFER], row.open_offers.numpy())
        delay, _ = softmax(z[DELAY], np.ones(8, dtype=np.bool_))
        choice = contact[row.contact] * (offer[row.offer] if row.contact else 1.0)
        for chance, old, adv in zip((choice, delay[row.delay]), row.logp, taught.adv[i], strict=True):
            ratio = chance / math.exp(old)
            clipped = min(max(ratio, 1 - settings.clip), 1 + settings.clip)
            total -= min(ratio * float(adv), clipped * float(adv))
        ret, old = taught.ret[i].numpy(), taught.v_old[i].numpy()
        wrong = (v - ret) ** 2
        if settings.value_clip is not None:
            kept = old + np.clip(v - old, -settings.value_clip, settings.value_clip)
            wrong = np.maximum(wrong, (kept - ret) ** 2)
        total += settings.value_coefficient * wrong.mean()
        total -= entropy_coefficient * (h_contact + contact[1] * h_offer)
    return total / m


def softmax(z: Floats, allowed: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Give the probabilities of what is open, and their entropy."""
    p = np.where(allowed, np.exp(z), 0.0)
    p /= p.sum()
    return p, -float(sum(q * math.log(q) for q in p if q > 0))


def slope_by_differences(loss: Callable[[dict[str, Floats]], float], at: dict[str, Floats]) -> list[float]:
    """Move one weight at a time, both ways."""
    slopes = []
    for name, values in at.items():
        for place in range(values.size):
            moved = []
            for step in (1e-6, -1e-6):
                other = values.copy()
                other.flat[place] += step
                moved.append(loss(at | {name: other}))
            slopes.append((moved[0] - moved[1]) / 2e-6)
    return slopes


@pytest.mark.parametrize(
    ("shared_trunk", "value_clip", "seed"), [(False, None, 0), (True, 0.3, 1), (False, 0.3, 2)]
)
def test_a_step_goes_down_the_slope_of_the_whole_loss(
    shared_trunk: bool, value_clip: float | None, seed: int
) -> None:
    """In double precision, with masks, ratios on both sides of the clip, c₁ .7 and c₂ .1."""
    m, generator = 6, draws(seed)
    module = opinionated(actor_critic("nine", seed, (2,), shared_trunk), seed, 0.4).double()
    batch = decisions(m, seed, torch.float64)
    adv, off, ret, old = (torch.randn(m, k, generator=generator, dtype=torch.float64) for k in (2, 2, 3, 3))
    batch = batch._replace(logp=log_probs(module, batch) + 0.3 * off)
    taught = Lesson(batch, adv, ret, old)
    changes = {"max_grad_norm": 1e9, "value_coefficient": 0.7, "value_clip": value_clip}
    before = {name: tensor.numpy().copy() for name, tensor in module.state_dict().items()}

    stepped(module, taught, 1.0, 0.1, **changes)

    moved = np.concatenate(
        [(before[name] - after.numpy()).ravel() for name, after in module.state_dict().items()]
    )
    expected = slope_by_differences(lambda w: loss_by_numpy(w, taught, ppo_settings(**changes), 0.1), before)
    assert moved == pytest.approx(np.array(expected), abs=1e-7)
    assert np.abs(moved).max() > 0.05


def test_figures_by_hand() -> None:
    """Contact 3 : 1, offers and delays all alike; values 1, 2, 3. Two decisions, clip .2.

    First: a contact with an offer, now twice as likely, advantage 1: min(2, 1.2); its delay half as likely,
    −1: min(−.5, −.8). Second: contact closed, as likely as before, −1 and 2. The losses −(1.2 − 1)/2 and
    −(2 − .8)/2 make −.7. KL (2 − 1 − ln 2 + .5 − 1 + ln 2)/2 = .25. Two of four parts are clipped.
    Entropy (−.75 ln .75 − .25 ln .25 + .75 ln 4)/2: the second has none. Returns 0, 2, 3 and 1, 0, 3 are
    missed by 1 and by 2: (1 + 4)/6.
    """
    module = indifferent(actor_critic("nine"), (0.0, math.log(3), *[0.0] * 12))
    with torch.no_grad():
        module.values.weight.zero_()
        module.values.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
    batch = decisions(2)._replace(
        open_contact=torch.tensor([[True, True], [True, False]]),
        open_offers=torch.ones(2, 4, dtype=torch.bool), contact=torch.tensor([1, 0]),
        offer=torch.tensor([2, 3]), delay=torch.tensor([5, 0]),
        logp=torch.tensor([[0.75 / 4 / 2, 2 / 8], [1, 1 / 8]]).log(),
    )  # fmt: skip
    ret = torch.tensor([[0.0, 2.0, 3.0], [1.0, 0.0, 3.0]])
    taught = Lesson(batch, torch.tensor([[1.0, -1.0], [-1.0, 2.0]]), ret, ret)
    entropy = (-0.75 * math.log(0.75) - 0.25 * math.log(0.25) + 0.75 * math.log(4)) / 2

    for minibatch in (1, 2):
        figures = stepped(module, taught, 0.0, epochs=3, minibatch=minibatch)

        assert figures.policy_loss == pytest.approx(-0.7, abs=1e-6)
        assert figures.value_loss == pytest.approx(5 / 6)
        assert figures.entropy == pytest.approx(entropy)
        assert figures.kl == pytest.approx(0.25, abs=1e-6)
        assert figures.clip_fraction == pytest.approx(0.5)
        assert figures.gradient_norm > 0.0


class Counting(torch.optim.SGD):
    """Counts its steps and goes nowhere."""

    def __init__(self, module: ActorCritic) -> None:
        """Stand still."""
        super().__init__(module.parameters(), lr=0.0)
        self.steps = 0

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        """Count."""
        self.steps += 1


@pytest.mark.parametrize(("m", "minibatch", "wanted"), [(10, 4, 9), (8, 4, 6), (3, 4, 3)])
def test_every_epoch_is_a_step_for_each_minibatch(m: int, minibatch: int, wanted: int) -> None:
    """Three epochs of ⌈m / minibatch⌉ steps; the last minibatch may be smaller."""
    module = actor_critic("nine")
    optimiser, taught = Counting(module), lesson(module, decisions(m), torch.ones(m))

    update(module, optimiser, taught, ppo_settings(epochs=3, minibatch=minibatch), 0.0, draws())

    assert optimiser.steps == wanted


@pytest.mark.parametrize("seed", range(5))
def test_every_epoch_takes_every_decision_once(seed: int) -> None:
    """Advantages 1, 2, 4, … sum to 2^m − 1 only so: twice the mean policy loss of minibatches of one."""
    module, m = actor_critic("nine", seed), 9
    taught = lesson(module, decisions(m, seed), 2.0 ** torch.arange(m))

    figures = stepped(module, taught, 0.0, epochs=3, minibatch=1)

    assert figures.policy_loss == pytest.approx(-2 * (2**m - 1) / m)


def test_the_order_of_an_epoch_is_drawn() -> None:
    """The same lesson in minibatches of one: the same seed ends alike, another elsewhere."""
    ends = []
    for seed in (0, 0, 1):
        module = opinionated(actor_critic("nine"))
        taught = lesson(module, decisions(6), torch.linspace(-1.0, 1.0, 6))
        descent = torch.optim.SGD(module.parameters(), lr=0.1)
        update(module, descent, taught, ppo_settings(epochs=1, minibatch=1), 0.0, draws(seed))
        ends.append(numbers(module))

    assert ends[0] == ends[1]
    assert ends[0] != ends[2]


def test_values_may_learn_alone() -> None:
    """The policy keeps every weight, its entropy bonus too; the values move as they would beside it."""
    together, alone = actor_critic("nine"), actor_critic("nine")
    alone.load_state_dict(together.state_dict())
    before = {name: weights.clone() for name, weights in alone.state_dict().items()}
    batch = decisions(8)
    taught = replace(lesson(together, batch, torch.ones(8)), ret=torch.ones(8, 3))
    settings = ppo_settings(epochs=1, minibatch=8, max_grad_norm=1e9)

    for module, values_only in ((together, False), (alone, True)):
        descent = torch.optim.SGD(module.parameters(), lr=0.1)
        update(module, descent, taught, settings, 0.1, draws(), values_only)

    moved = {name for name, weights in alone.state_dict().items() if not torch.equal(weights, before[name])}
    assert moved
    assert torch.equal(alone.logits(batch.x), served_logits(before, batch))
    for name in moved:
        assert torch.allclose(alone.state_dict()[name], together.state_dict()[name], atol=1e-7)


def served_logits(weights: dict[str, Tensor], batch: Batch) -> Tensor:
    """Give the logits of a network with these weights."""
    module = actor_critic("nine")
    module.load_state_dict(weights)
    return module.logits(batch.x)


def test_a_slope_that_is_no_number_stops_the_training_and_changes_nothing() -> None:
    """Stepped along, it would turn every weight into NaN, to be saved as a checkpoint."""
    module = actor_critic("nine")
    before = numbers(module)
    taught = lesson(module, decisions(4), torch.tensor([1.0, math.nan, 1.0, 1.0]))

    with pytest.raises(TrainingError, match=r"gradient's norm is nan, wanted a finite.*lower learning_rate"):
        stepped(module, taught, 0.1)

    assert numbers(module) == before


def test_a_long_slope_is_cut_and_told_as_it_was() -> None:
    """The step has length max_grad_norm; the figure is the length before."""
    module, m = opinionated(actor_critic("nine").double()), 6
    taught = lesson(module, decisions(m, dtype=torch.float64), torch.ones(m, dtype=torch.float64))
    taught = replace(taught, ret=taught.ret + 100.0)
    before = np.array(numbers(module))

    figures = stepped(module, taught, 1.0, max_grad_norm=0.5, value_coefficient=0.5)

    after = np.array(numbers(module))
    assert np.linalg.norm(after - before) == pytest.approx(0.5, rel=1e-6)
    assert figures.gradient_norm > 10.0


# What a step does


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_was_better_than_expected_becomes_likelier(seed: int, sign: float) -> None:
    """One decision, good or bad: its probability rises or falls with a small step."""
    module, batch = opinionated(actor_critic("nine", seed), seed), decisions(1, seed)
    before = log_probs(module, batch).sum()

    stepped(module, lesson(module, batch, torch.tensor([sign])), 0.01)

    assert float((log_probs(module, batch).sum() - before) * sign) > 0.0


@pytest.mark.parametrize(
    ("ratio", "adv", "moves"), [(1.3, 1.0, False), (0.7, -1.0, False), (1.3, -1.0, True), (0.7, 1.0, True)]
)
def test_the_clip_stops_what_has_gone_far_enough(ratio: float, adv: float, moves: bool) -> None:
    """Beyond 1 ± .2 nothing pushes further in that direction; the way back stays open."""
    module, batch = opinionated(actor_critic("nine")), decisions(5)
    before = numbers(module)

    stepped(module, lesson(module, batch, torch.full((5,), adv), ratio), 0.1)

    assert (numbers(module) != before) == moves


@pytest.mark.parametrize("part", [0, 1])
def test_many_epochs_stop_near_the_clip(part: int) -> None:
    """A hundred small steps on one good choice, or one good delay: not much beyond 1.2 times as likely."""
    module = opinionated(actor_critic("nine"))
    batch = decisions(1)._replace(open_contact=torch.ones(1, 2) > 0)
    taught = lesson(module, batch, torch.ones(1))
    taught.adv[:, 1 - part] = 0.0

    figures = stepped(module, taught, 0.01, epochs=100)

    ratio = float((log_probs(module, batch) - taught.batch.logp).exp()[0, part])
    assert 1.2 < ratio < 1.3
    assert 0.2 < figures.clip_fraction < 1.0


def test_without_a_contact_the_offers_learn_nothing() -> None:
    """Neither weights nor biases of the offer head move; those of contact and delay do."""
    module, batch = opinionated(actor_critic("nine")), decisions(6)
    batch = batch._replace(contact=torch.zeros(6, dtype=torch.int64), open_contact=torch.ones(6, 2) > 0)
    before = module.heads.weight.detach().clone()

    stepped(module, lesson(module, batch, torch.ones(6)), 0.1)

    moved = (module.heads.weight.detach() != before).any(dim=1)
    assert not moved[OFFER].any()
    assert moved[CONTACT].all()
    assert moved[DELAY].all()


@pytest.mark.parametrize(("part", "heads"), [(0, [True, True, False]), (1, [False, False, True])])
def test_choice_and_delay_are_taught_apart(part: int, heads: list[bool]) -> None:
    """The first advantage moves the heads of contact and offer alone, the second that of the delay alone."""
    module = opinionated(actor_critic("nine"))
    batch = decisions(6)._replace(contact=torch.ones(6, dtype=torch.int64), open_contact=torch.ones(6, 2) > 0)
    taught, before = lesson(module, batch, torch.ones(6)), module.heads.weight.detach().clone()
    taught.adv[:, 1 - part] = 0.0

    stepped(module, taught, 0.1)

    moved = (module.heads.weight.detach() != before).any(dim=1)
    assert [bool(moved[head].any()) for head in (CONTACT, OFFER, DELAY)] == heads


def test_the_entropy_bonus_evens_contact_and_offers_and_leaves_the_delay() -> None:
    """Nothing to learn but the bonus: the entropy rises, no delay logit moves."""
    module, batch = opinionated(actor_critic("nine")), decisions(20)
    taught = lesson(module, batch, torch.zeros(20))
    before = module.heads.weight.detach().clone()

    first = stepped(module, taught, 0.0)
    stepped(module, taught, 0.1, 1.0, epochs=20)
    last = stepped(module, taught, 0.0)

    assert last.entropy > first.entropy + 0.1
    assert module.heads.weight[DELAY].tolist() == before[DELAY].tolist()


# Six days that are solved

SCALING_OF_SIX_DAYS = Scaling(
    bill=30.0,
    hazard_factor=0.5,
    cooldown_days=1,
    contact_cap=2,
    horizon_days=6,
    low_price=0.0,
    high_price=16.0,
)
CONTACTED = 3_110.3491
"""A contact at once without a discount, nothing after it, minor units. With .9 a day the six days earn
100·(.9 + … + .9⁶) = 421.7031 and the survivors are worth 6000·.9⁶ = 3188.6460; the contact costs 400 and
the one decision 100."""
LEFT_ALONE = 1_900.488838
"""One decision and no contact, minor units: with .81 a day, 305.911619 + 1694.577219 − 100."""
BREAK_EVEN = (CONTACTED - LEFT_ALONE) / 400.0
"""λ at which a contact is worth its 400 no longer: 3.0246."""


def six_days(stays: float = 1.0) -> Dynamics:
    """Give a campaign in which every offer is surely accepted and protects to the end.

    So the best of them is the one that costs nothing, at once, and the best delay the longest.
    """
    world = one_level(horizon_days=6)
    return replace(
        world, accept=np.ones((1, 4)), protected_days=np.full(4, 6), contact_cost_minor=400.0,
        decision_cost_minor=100.0, stays=np.full_like(world.stays, stays),
    )  # fmt: skip


def learned(
    dynamics: Dynamics,
    observation: str = "full",
    *,
    multiplier: float = 0.0,
    prices: tuple[float, float] = (0.0, 0.0),
    reward: Reward = "money",
    iterations: int = 15,
    seed: int = 0,
) -> ActorCritic:
    """Act and update in turn, from random weights."""
    module, generator = actor_critic(observation, seed, (16,)), draws(seed)
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    portfolio = Portfolio(dynamics, 64, seed, prices=prices, reward=reward)
    settings = ppo_settings(minibatch=128, epochs=4)
    for _ in range(iterations):
        rollout = collect(portfolio, module, SCALING_OF_SIX_DAYS, 8, generator)
        taught = lesson_of(rollout, settings.gae_lambda, (multiplier, 0.0))
        update(module, optimiser, taught, settings, 0.003, generator)
    return module


def brings(dynamics: Dynamics, module: ActorCritic, price: float | None = None) -> tuple[float, float]:
    """Give reward and spend of what would serve, exactly, minor units."""
    policy = network_rung(dynamics, served(module, SCALING_OF_SIX_DAYS), price)
    worked_out = evaluate(dynamics, policy)
    return float(worked_out.reward[0]), float(worked_out.spend[0])


def test_a_contact_that_pays_is_made_at_once_with_the_cheapest_offer() -> None:
    """The very optimum, learned from the gain over never contacting."""
    world = six_days()

    assert brings(world, learned(world, reward="gain")) == pytest.approx((CONTACTED, 400.0))


def test_who_leaves_at_a_contact_is_never_contacted() -> None:
    """Nine in ten are lost to annoyance: no contact, and no second look."""
    world = six_days(stays=0.1)

    assert brings(world, learned(world)) == pytest.approx((LEFT_ALONE, 0.0))


@pytest.mark.parametrize(
    ("multiplier", "best"), [(BREAK_EVEN / 2, (CONTACTED, 400.0)), (BREAK_EVEN * 2, (LEFT_ALONE, 0.0))]
)
def test_a_multiplier_turns_the_contact_into_silence(multiplier: float, best: tuple[float, float]) -> None:
    """At half the break-even price of spend it is still made, at twice that price no longer."""
    world = six_days()

    assert brings(world, learned(world, multiplier=multiplier)) == pytest.approx(best)


def test_one_policy_with_the_price_as_an_input_does_both() -> None:
    """Drawn between 0 and 16 for each episode, the price alone says whether the contact is worth it."""
    world = six_days()
    module = learned(world, "full_price", prices=(0.0, 16.0), iterations=30)

    for price in (0.0, 1.0, 2.0):
        assert brings(world, module, price) == pytest.approx((CONTACTED, 400.0))
    for price in (5.0, 8.0, 12.0):
        assert brings(world, module, price) == pytest.approx((LEFT_ALONE, 0.0))


def test_the_same_seed_learns_the_same_bit_for_bit_and_another_does_not() -> None:
    """Every weight after five rounds of acting and learning, on one thread."""
    world = six_days()

    first, second, other = (numbers(learned(world, seed=seed, iterations=5)) for seed in (3, 3, 4))

    assert first == second
    assert first != other
