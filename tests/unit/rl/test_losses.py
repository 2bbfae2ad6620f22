"""Losses, entropies and the probability of a decision with three parts."""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from churn_saver.errors import InputError
from churn_saver.rl.losses import (
    approximate_kl,
    categorical_entropy,
    categorical_log_prob,
    clip_fraction,
    clipped_policy_loss,
    clipped_value_loss,
    joint_entropy,
    joint_log_prob,
    masked_logits,
    weighted_mean,
)

SEEDS = st.integers(0, 2**32 - 1)
CLIP = 0.2
Loss = Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]
LOSSES: dict[str, Loss] = {
    "policy": lambda new, old, aim, weight: clipped_policy_loss(new, old, aim, CLIP, weight),
    "value": lambda new, old, aim, weight: clipped_value_loss(new, old, aim, CLIP, weight),
    "free value": lambda new, old, aim, weight: clipped_value_loss(new, old, aim, None, weight),
    "kl": lambda new, old, _aim, weight: approximate_kl(new, old, weight),
    "clip fraction": lambda new, old, _aim, weight: clip_fraction(new, old, CLIP, weight),
    "mean": lambda new, _old, _aim, weight: weighted_mean(new, weight),
}
SLOPES = [name for name in LOSSES if name != "clip fraction"]
"""A count has no gradient."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def row(*values: float) -> Tensor:
    """Give numbers as a tensor in double precision."""
    return torch.tensor(values, dtype=torch.float64)


def draw(seed: int, *shape: int) -> Tensor:
    """Draw normal numbers in double precision."""
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def gradient(loss: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Give the gradient of a loss."""
    at = at.clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(at), at)
    return slope


def weighed(loss: Loss, old: Tensor, aim: Tensor, weight: Tensor | None, new: Tensor) -> Tensor:
    """Give a loss with what moves as its last argument."""
    return loss(new, old, aim, weight)


def differences(loss: Callable[[Tensor], Tensor], at: Tensor, step: float = 1e-6) -> Tensor:
    """Give the gradient by moving one number at a time, both ways."""
    slopes = torch.zeros_like(at)
    for place in range(at.numel()):
        move = torch.zeros_like(at)
        move.view(-1)[place] = step
        slopes.view(-1)[place] = (loss(at + move) - loss(at - move)) / (2 * step)
    return slopes


def test_policy_loss_by_hand() -> None:
    """Clip .2. ρ 1.5, adv 2: min(3, 2.4) = 2.4. ρ .5, adv −1: min(−.5, −.8) = −.8. ρ 1.1, adv 1: 1.1.

    The mean is .9, negated. With weights 1, 0, 3: (2.4 + 3.3)/4 = 1.425.
    """
    logp, old, adv = row(1.5, 0.5, 1.1).log(), row(1, 1, 1).log(), row(2, -1, 1)

    assert float(clipped_policy_loss(logp, old, adv, CLIP)) == pytest.approx(-0.9)
    assert float(clipped_policy_loss(logp, old, adv, CLIP, row(1, 0, 3))) == pytest.approx(-1.425)


def test_policy_loss_stops_pushing_by_hand() -> None:
    """The same samples: the clipped ones have no slope, the third has −ρ·adv/3 = −1.1/3.

    ρ .5, adv 1 and ρ 1.5, adv −1 are worse than before, and pulled back: −.5/2 and 1.5/2.
    """
    clipped = gradient(
        lambda logp: clipped_policy_loss(logp, row(0, 0, 0), row(2, -1, 1), CLIP), row(1.5, 0.5, 1.1).log()
    )
    pulled = gradient(
        lambda logp: clipped_policy_loss(logp, row(0, 0), row(1, -1), CLIP), row(0.5, 1.5).log()
    )

    assert clipped.tolist() == pytest.approx([0, 0, -1.1 / 3])
    assert pulled.tolist() == pytest.approx([-0.25, 0.75])


def test_value_loss_by_hand() -> None:
    """Clip .5. v 3, old 1, return 0: kept 1.5, max(9, 2.25). v 1, old 3, return 1: kept 2.5, max(0, 2.25).

    The mean is 5.625; without a clip (9 + 0)/2 = 4.5; with weights 1, 3: (9 + 6.75)/4 = 3.9375.
    """
    v, old, ret = row(3, 1), row(1, 3), row(0, 1)

    assert float(clipped_value_loss(v, old, ret, 0.5)) == pytest.approx(5.625)
    assert float(clipped_value_loss(v, old, ret, None)) == pytest.approx(4.5)
    assert float(clipped_value_loss(v, old, ret, 0.5, row(1, 3))) == pytest.approx(3.9375)


def test_kl_and_clip_fraction_by_hand() -> None:
    """ρ 2 and .5: (2 − 1 − ln 2 + .5 − 1 + ln 2)/2 = .25. ρ 2, .5 and 1.1: two of three beyond .2."""
    logp, old = row(2, 0.5).log(), row(0, 0)

    assert float(approximate_kl(logp, old)) == pytest.approx(0.25)
    assert float(clip_fraction(row(2, 0.5, 1.1).log(), row(0, 0, 0), CLIP)) == pytest.approx(2 / 3)
    assert float(clip_fraction(row(2, 1).log(), row(0, 0), CLIP, row(3, 1))) == pytest.approx(0.75)


def test_kl_of_policies_that_are_almost_alike_keeps_its_digits() -> None:
    """δ²/2 in single precision, where exp(δ) − 1 − δ would be noise."""
    delta = torch.full((4,), 1e-3)

    assert float(approximate_kl(delta, torch.zeros(4))) == pytest.approx(0.5e-6, rel=1e-3)


def test_entropies_by_hand() -> None:
    """Four alike: ln 4. A half and two quarters: 1.5 ln 2. One closed, two alike: ln 2. One open: 0."""
    halves = row(0.5, 0.25, 0.25).log()
    closed = masked_logits(row(3, 3, 9), torch.tensor([True, True, False]))
    single = masked_logits(row(3, 3, 9), torch.tensor([False, True, False]))

    assert float(categorical_entropy(row(7, 7, 7, 7))) == pytest.approx(math.log(4))
    assert float(categorical_entropy(halves)) == pytest.approx(1.5 * math.log(2))
    assert float(categorical_entropy(closed)) == pytest.approx(math.log(2))
    assert float(categorical_entropy(single)) == 0.0


def test_joint_by_hand() -> None:
    """Contact .25 with its offer of .5: .125. No contact: .75, whatever the offer.

    Entropy with H(contact) = .5, P(contact) = .25, H(offer) = 2: .5 + .25·2 = 1.
    """
    contact = torch.tensor([1, 0])

    logp = joint_log_prob(row(0.25, 0.75).log(), row(0.5, 0).log(), contact)

    assert logp.exp().tolist() == pytest.approx([0.125, 0.75])
    assert joint_entropy(row(0.5), row(0.25), row(2.0)).tolist() == [1.0]


def joint(seed: int) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Enumerate one random policy: log-probability and contact of all 40 decisions, and the heads' logits.

    Without a contact there is one decision for each delay: 8 + 4·8. The delay is drawn by itself.
    """
    heads = (2 * draw(seed, 2), 2 * draw(seed + 1, 4), 2 * draw(seed + 2, 8))
    decisions = [(0, 0, d) for d in range(8)] + [(1, o, d) for o, d in itertools.product(range(4), range(8))]
    contact, offer, delay = (torch.tensor(part) for part in zip(*decisions, strict=True))
    parts = [
        categorical_log_prob(head.expand(40, -1), part)
        for head, part in zip(heads, (contact, offer, delay), strict=True)
    ]
    return joint_log_prob(parts[0], parts[1], contact) + parts[2], contact, heads


@given(st.integers(0, 10**6))
def test_all_decisions_together_are_certain(seed: int) -> None:
    """Probabilities of the 40 decisions sum to 1, those with a contact to P(contact)."""
    logp, contact, (contact_head, _, _) = joint(seed)

    assert float(logp.exp().sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(logp[contact == 1].exp().sum()) == pytest.approx(
        float(contact_head.softmax(0)[1]), abs=1e-12
    )


@given(st.integers(0, 10**6))
def test_entropy_is_that_of_the_enumerated_decisions(seed: int) -> None:
    """−Σ p ln p over all 40 is ours and the delay's together."""
    logp, _, (contact_head, offer_head, delay_head) = joint(seed)

    ours = joint_entropy(
        categorical_entropy(contact_head), contact_head.softmax(0)[1], categorical_entropy(offer_head)
    )

    enumerated = -float((logp.exp() * logp).sum())
    assert float(ours + categorical_entropy(delay_head)) == pytest.approx(enumerated, abs=1e-10)


@given(st.integers(0, 10**6))
def test_kl_is_that_of_the_enumerated_decisions(seed: int) -> None:
    """Weighed by what the old policy does, the estimator is Σ old·ln(old/new) exactly, and never negative."""
    new, _, _ = joint(seed)
    old, _, _ = joint(seed + 7)

    estimate = approximate_kl(new, old, old.exp())

    assert float(estimate) == pytest.approx(float((old.exp() * (old - new)).sum()), abs=1e-10)
    assert float(approximate_kl(new, old)) >= 0.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sampled_kl_and_entropy_agree_with_the_enumeration(seed: int) -> None:
    """100,000 decisions drawn head by head: within four standard errors."""
    old, _, heads = joint(seed)
    new, _, new_heads = joint(seed + 7)
    rng = torch.Generator().manual_seed(seed)
    drawn = [head.softmax(0).multinomial(100_000, replacement=True, generator=rng) for head in heads]

    def logp_of(policy: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        parts = [
            categorical_log_prob(head.expand(100_000, -1), part)
            for head, part in zip(policy, drawn, strict=True)
        ]
        return joint_log_prob(parts[0], parts[1], drawn[0]) + parts[2]

    logp, logp_new = logp_of(heads), logp_of(new_heads)

    ratio = (logp_new - logp).exp()
    kl_error, entropy_error = (float(x.std()) / math.sqrt(100_000) for x in (ratio - ratio.log(), logp))
    kl = float((old.exp() * (old - new)).sum())
    assert abs(float(approximate_kl(logp_new, logp)) - kl) < 4 * kl_error
    assert abs(float(-logp.mean()) + float((old.exp() * old).sum())) < 4 * entropy_error


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradients_are_those_of_finite_differences(name: str, seed: int) -> None:
    """Every loss, with and without weights, in double precision."""
    new, old, aim, weight = (draw(4 * seed + i, 3, 5) for i in range(4))

    for weights in (None, weight.abs(), weight > 0):
        loss = partial(weighed, LOSSES[name], old, aim, weights)

        assert torch.allclose(gradient(loss, new), differences(loss, new), atol=1e-7)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradients_of_the_heads_are_those_of_finite_differences(seed: int) -> None:
    """Entropies and log-probabilities through the masks down to the logits."""
    allowed = torch.tensor([[True, True, False, True], [False, True, True, True]])
    action, contact = torch.tensor([1, 3]), torch.tensor([True, False])

    def entropy(logits: Tensor) -> Tensor:
        masked = masked_logits(logits, allowed)
        return joint_entropy(masked[:, 1] * 0.1, logits[:, 1].sigmoid(), categorical_entropy(masked)).sum()

    def log_prob(logits: Tensor) -> Tensor:
        logp = categorical_log_prob(masked_logits(logits, allowed), action)
        return joint_log_prob(logp.square(), logp * logits[:, 3], contact).sum()

    at = draw(seed, 2, 4)

    assert torch.allclose(gradient(entropy, at), differences(entropy, at), atol=1e-7)
    assert torch.allclose(gradient(log_prob, at), differences(log_prob, at), atol=1e-7)


def test_without_a_contact_the_offer_head_does_not_learn() -> None:
    """Neither counted nor moved, even where the offer's log-probability is none."""
    slope = gradient(
        lambda offer: joint_log_prob(row(-1, -1), offer, torch.tensor([0, 1])).sum(),
        row(-math.inf, -3),
    )

    assert slope.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_what_is_closed_has_no_probability_and_no_gradient(dtype: torch.dtype) -> None:
    """Exactly 0, in every precision, and everything else finite."""
    allowed = torch.tensor([[True, False, True], [False, False, False]])
    logits = torch.tensor([[50.0, 60.0, -50.0], [1.0, 2.0, 3.0]], dtype=dtype, requires_grad=True)

    masked = masked_logits(logits, allowed)
    (slope,) = torch.autograd.grad(categorical_entropy(masked).sum() + masked.log_softmax(-1).sum(), logits)

    assert masked.dtype == dtype
    assert masked.softmax(-1)[0, 1] == 0.0
    assert masked.softmax(-1)[1].tolist() == pytest.approx([1 / 3] * 3, abs=0.01)
    assert bool(masked.log_softmax(-1).isfinite().all())
    assert bool(slope.isfinite().all())
    assert slope[~allowed].tolist() == [0.0] * 4


@pytest.mark.parametrize("name", LOSSES)
@given(seed=SEEDS)
def test_a_mask_that_is_open_everywhere_changes_nothing(name: str, seed: int) -> None:
    """All true, or all weights alike, is no mask; the result has no dimensions."""
    new, old, aim = (draw(seed % 10**6 + i, 4, 3) for i in range(3))

    plain = LOSSES[name](new, old, aim, None)

    assert plain.shape == ()
    for weight in (torch.ones(4, 3, dtype=torch.bool), torch.full((4, 3), 2.5)):
        assert float(LOSSES[name](new, old, aim, weight)) == pytest.approx(float(plain), abs=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("rubbish", [math.nan, math.inf, -math.inf, 1e30])
def test_what_is_masked_does_not_count_whatever_it_is(name: str, rubbish: float) -> None:
    """Padding may hold anything in any input: same value, same gradient, and none on the padding."""
    new, old, aim = (draw(i, 6) for i in range(3))
    mask = torch.tensor([True, True, False, True, False, True])
    kept = [x[mask] for x in (new, old, aim)]
    for place in range(3):
        padded = [x.clone() for x in (new, old, aim)]
        padded[place][~mask] = rubbish

        with_padding = LOSSES[name](padded[0], padded[1], padded[2], mask)
        without = LOSSES[name](kept[0], kept[1], kept[2], None)

        assert float(with_padding) == pytest.approx(float(without))
        if name in SLOPES:
            slope = gradient(partial(weighed, LOSSES[name], padded[1], padded[2], mask), padded[0])
            alone = gradient(partial(weighed, LOSSES[name], kept[1], kept[2], None), kept[0])

            assert slope[~mask].tolist() == [0.0, 0.0]
            assert torch.allclose(slope[mask], alone)


def test_a_mean_of_nothing_is_nought() -> None:
    """A batch whose mask is closed everywhere teaches nothing, and breaks nothing."""
    slope = gradient(lambda x: weighted_mean(x, torch.zeros(2, dtype=torch.bool)), row(1, 2))

    assert float(weighted_mean(row(1, 2), row(0, 0))) == 0.0
    assert slope.tolist() == [0.0, 0.0]


def solve(seed: int, updates: int = 100) -> Tensor:
    """Learn which of three arms pays, from drawn pulls and with an entropy bonus of 1."""
    rng = torch.Generator().manual_seed(seed)
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    pays = row(0.0, math.log(2), math.log(3))
    optimiser = torch.optim.SGD([logits], lr=0.2)
    for _ in range(updates):
        with torch.no_grad():
            arms = logits.softmax(0).multinomial(512, replacement=True, generator=rng)
            old = categorical_log_prob(logits.expand(512, -1), arms)
            adv = pays[arms] - pays[arms].mean()
        for _ in range(4):
            logp = categorical_log_prob(logits.expand(512, -1), arms)
            loss = clipped_policy_loss(logp, old, adv, CLIP) - categorical_entropy(logits)
            (logits.grad,) = torch.autograd.grad(loss, logits)
            optimiser.step()
    return logits.detach().softmax(0)


def test_a_bandit_is_solved_and_the_same_seed_solves_it_alike() -> None:
    """Rewards 0, ln 2, ln 3 and an entropy bonus of 1: the best policy is in proportion 1 : 2 : 3."""
    learnt = solve(0)

    assert learnt.tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6], abs=0.03)
    assert solve(0).tolist() == learnt.tolist()
    assert solve(1).tolist() != learnt.tolist()


def test_shapes_that_would_be_broadcast_are_refused() -> None:
    """(3,) with (3, 1) would be nine samples, and nobody would see it."""
    flat, tall = torch.zeros(3), torch.zeros(3, 1)

    for loss in LOSSES.values():
        with pytest.raises(InputError, match=r"\(3, 1\).*wanted the same for all: reshape"):
            loss(flat, flat, flat, tall)
    with pytest.raises(InputError, match=r"'adv': \(3, 1\)"):
        clipped_policy_loss(flat, flat, tall, CLIP)
    with pytest.raises(InputError, match=r"'ret': \(3, 1\)"):
        clipped_value_loss(flat, flat, tall, None)
    with pytest.raises(InputError, match=r"'contact': \(3, 1\)"):
        joint_log_prob(flat, flat, tall)
    with pytest.raises(InputError, match=r"'p_contact': \(3, 1\)"):
        joint_entropy(flat, tall, flat)
    with pytest.raises(InputError, match=r"action has shape \(3, 1\), wanted \(3,\): one for each row"):
        categorical_log_prob(torch.zeros(3, 4), torch.zeros(3, 1, dtype=torch.int64))
    with pytest.raises(InputError, match=r"wanted at least one sample"):
        weighted_mean(torch.zeros(0))


def test_masks_and_clips_out_of_range_are_refused() -> None:
    """Numbers as a mask, a clip that lets nothing or everything through."""
    zeros = torch.zeros(3)

    with pytest.raises(InputError, match=r"allowed is torch.int64, wanted torch.bool"):
        masked_logits(zeros, torch.ones(3, dtype=torch.int64))
    for clip in (0.0, 1.0, -0.2, math.nan):
        with pytest.raises(InputError, match=r"clip is .*, wanted a number between 0 and 1, say 0.2"):
            clipped_policy_loss(zeros, zeros, zeros, clip)
        with pytest.raises(InputError, match=r"wanted a number between 0 and 1"):
            clip_fraction(zeros, zeros, clip)
    for clip in (0.0, -1.0, math.nan):
        with pytest.raises(InputError, match=r"the value clip is .*, wanted a number above 0"):
            clipped_value_loss(zeros, zeros, zeros, clip)
