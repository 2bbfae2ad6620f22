"""The policy that serves: what it makes of what it sees, and that it is the one that was trained."""

import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.actor_critic import ActorCritic, served
from churn_saver.policy.network import (
    CONTACT,
    DELAY,
    INPUTS,
    N_LOGITS,
    OFFER,
    PolicyNetwork,
    features,
    n_features,
)
from churn_saver.policy.observing import observations
from churn_saver.policy.state import Matrix, States
from tests.policies import SCALING, actor_critic, opinionated, seen
from tests.tiny_campaigns import campaign

SEEDS = st.integers(0, 10**6)
N_NINE, N_FULL, N_PRICE = 22, 34, 37
CLOSED = slice(13, N_NINE)
"""Columns of the days until a contact is open: 0, 1, .. 7, and 8 or more."""
BARE, USUAL, STAYS, STAYS_TO_THE_END, _, BILL = range(N_NINE, N_NINE + 6)
"""Columns of the risk without protection, and of the bill over the mean."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(observation: str, seed: int = 0, hidden: tuple[int, ...] = (128, 128)) -> ActorCritic:
    """Give a network of the size that ships, with opinions."""
    return opinionated(actor_critic(observation, seed, hidden), seed, 0.05)


def network(observation: str = "full", seed: int = 0) -> PolicyNetwork:
    """Give a small network that serves, with opinions."""
    return served(opinionated(actor_critic(observation, seed, (16, 16)), seed, 0.3), SCALING)


def all_open(m: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Close nothing. Shapes: → (m,), (m, 4)."""
    return np.ones(m, dtype=np.bool_), np.ones((m, 4), dtype=np.bool_)


def masks(m: int, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Close contacts and offers at random. Shapes: → (m,), (m, 4)."""
    rng = np.random.default_rng(seed)
    return rng.random(m) < 0.7, rng.random((m, 4)) < 0.6


def with_price(row: list[float], price: float) -> Matrix:
    """Show one customer under a price."""
    return np.array([[*row, price]], dtype=np.float32)


ROW = [0.5, 0.25, 0.5, 0.75, 0.875, 0.5, 3.5, 1.0, 1.0, 128.0, 0.5, 20.0, 15.0, 1.5]
"""What is seen of one customer."""


def test_every_feature_of_one_customer_by_hand() -> None:
    """Mean bill 64, protection quarters the hazard, prices .25 to 4, cooldown 7, cap 2, 90 days.

    20 protected days of the next 30 weigh 20/4 + 10 = 15. The risk seen is 1/2, so 15 days of the bare
    hazard leave 1/2 and 30 leave 1/4: bare risk 3/4, log-odds ln 3. Half a campaign is left, 45 days:
    1/4 to the power of 1.5 is 1/8. The bill is twice the mean. The cooldown ends in 3.5 days, told as 4.
    """
    nine = [
        0.0,  # log-odds of 1/2
        -math.log(3) / 2, 0.0, math.log(3) / 2, math.log(7) / 2,  # log-odds of the acceptances, halved
        0.25, 0.5, 0.75, 0.875,
        0.5,  # allowance left
        0.5,  # 3.5 of 7 days
        1.0,  # in the cooldown
        1.0,  # contacts in the period
        0, 0, 0, 0, 1, 0, 0, 0, 0,
    ]  # fmt: skip
    full = [
        *nine,
        math.log(3) / 2,
        (math.log(3) - 1.5) / 2,  # a shift of 1.5 less, at the usual level
        0.25, 0.125,
        math.log(2), 2.0, 1 / 6,  # the bill over the mean, and the inverse of three times that
        0.5,
        1.0,  # 45 days are more than the 8 of the longest delay
        20 / 30, 15 / 30, 1.5,
    ]  # fmt: skip
    price = [math.log(3), 1 / 3, 0.2]

    assert features(np.array([ROW[:9]], np.float32), "nine", SCALING)[0] == pytest.approx(nine, abs=1e-12)
    assert features(np.array([ROW], np.float32), "full", SCALING)[0] == pytest.approx(full, abs=1e-12)
    assert features(with_price(ROW, 2.0), "full_price", SCALING)[0] == pytest.approx(full + price, abs=1e-12)
    assert [n_features(name) for name in INPUTS] == [N_NINE, N_FULL, N_PRICE]


@pytest.mark.parametrize(
    ("since", "cooling", "fatigue", "day_in_period", "told"),
    [
        (7, 0, 0, 3, 0),
        (6, 1, 1, 3, 1),
        (0, 1, 1, 3, 7),
        (7, 0, 2, 29, 1),  # the cap opens with the next period
        (7, 0, 2, 25, 5),
        (7, 0, 2, 3, 8),  # 27 days are 8 or more
        (4, 1, 2, 29, 3),  # the cooldown outlasts the period
        (4, 1, 3, 24, 6),  # the period outlasts the cooldown
        (7, 0, 1, 29, 0),
    ],
)
def test_the_days_until_a_contact_is_open_are_told_one_by_one(
    since: int, cooling: int, fatigue: int, day_in_period: int, told: int
) -> None:
    """Cooldown 7, cap 2, periods of 30 days; the nine inputs know nothing of periods."""
    row = np.array([[*ROW[:6], since, cooling, fatigue, *ROW[9:12], day_in_period, 0.0]], np.float32)
    cooldown = (7 - since) * cooling

    full, nine = (features(row[:, : len(INPUTS[name])], name, SCALING) for name in ("full", "nine"))

    assert full[0, CLOSED].tolist() == [float(day == told) for day in range(9)]
    assert nine[0, CLOSED].tolist() == [float(day == cooldown) for day in range(9)]


@pytest.mark.parametrize(("days", "told"), [(1, 1 / 8), (4, 1 / 2), (8, 1.0), (30, 1.0)])
def test_the_last_days_are_told_in_longest_delays(days: int, told: float) -> None:
    """Eight days or more are all alike."""
    row = np.array([[*ROW[:10], days / 90, *ROW[11:]]], np.float32)

    assert features(row, "full", SCALING)[0, N_NINE + 8] == pytest.approx(told, rel=1e-6)


def test_a_price_outside_the_range_that_was_met_counts_as_its_edge() -> None:
    """Prices .25 to 4: 0 is seen as .25, 100 as 4, and neither as NaN or infinite."""
    at = {p: features(with_price(ROW, p), "full_price", SCALING)[0] for p in (0.0, 0.25, 4.0, 100.0)}
    known = network("full_price")

    assert at[0.0].tolist() == at[0.25].tolist()
    assert at[100.0].tolist() == at[4.0].tolist()
    assert at[4.0][-3:] == pytest.approx([math.log(5), 1 / 5, 0.4])
    assert known.logits(with_price(ROW, 0.0)).tolist() == known.logits(with_price(ROW, 0.25)).tolist()
    assert known.logits(with_price(ROW, 9.0)).tolist() == known.logits(with_price(ROW, 4.0)).tolist()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_scores_at_the_edges_stay_finite(kind: type[np.generic]) -> None:
    """Risks and acceptances of exactly 0 and 1, with every protection: clipped as everywhere, at 1e-6."""
    rows = seen(62, 1, "full_price")
    rows[:, 0] = np.repeat([0.0, 1.0], 31)
    rows[:, 1:5] = np.array([0.0, 0.0, 1.0, 1.0])
    rows[:, 11] = np.tile(np.arange(31), 2)
    for factor in (0.0, 0.25, 1.0):
        x = features(rows, "full_price", replace(SCALING, hazard_factor=factor), kind)

        assert np.isfinite(x).all()
        assert np.abs(x[:, [*range(5), BARE]]).max() == pytest.approx(math.log(1e6) / 2, rel=1e-3)


@pytest.mark.parametrize("observation", INPUTS)
def test_features_in_32_bits_are_those_in_64(observation: str) -> None:
    """What is learned from is what will be seen when serving, at any protection and risks from 1e-5 on.

    Near 1 the risk without protection has few digits left in 32 bits, its log-odds have them all.
    """
    rows = seen(2_000, 2, observation)
    rows[:, 0] = np.random.default_rng(0).permutation(
        np.concatenate([10 ** np.linspace(-5, -1, 1_000), 1 - 10 ** np.linspace(-5, -1, 1_000)])
    )
    single, double = (features(rows, observation, SCALING, kind) for kind in (np.float32, np.float64))

    assert [single.dtype.name, double.dtype.name] == ["float32", "float64"]
    assert (np.abs(single - double) <= 2e-6 + 1e-6 * np.abs(double)).all()


@given(st.floats(0.01, 0.95), st.integers(0, 30), st.floats(0.05, 1.0))
def test_the_risk_without_protection_is_found_again(risk: float, protection: int, factor: float) -> None:
    """Whatever protection hides: (1 − risk) to the power of the weighted days over 30 is what is seen."""
    row = seen(1)
    row[0, 0] = 1.0 - (1.0 - risk) ** ((factor * protection + 30 - protection) / 30)
    row[0, 11] = protection

    found = features(row, "full", replace(SCALING, hazard_factor=factor))[0]

    assert 1 / (1 + math.exp(-2 * found[BARE])) == pytest.approx(risk, rel=1e-4)
    assert found[STAYS] == pytest.approx(1 - risk, rel=1e-4)


def test_the_simulators_risk_is_found_again_in_every_state() -> None:
    """Every level and protection of env.yaml's campaign: the daily survival itself, and the usual one."""
    dynamics = campaign(4)
    customer, level, protection = (a.ravel() for a in np.indices((4, dynamics.n_levels, 31)))
    nothing = np.zeros_like(customer)
    units = np.full_like(customer, 6)
    states = States(customer, nothing + 30, level, protection, nothing, nothing, units)

    x = features(observations(dynamics, states), "full", SCALING)

    daily, usual = dynamics.survival[0, customer, level], dynamics.survival[0, customer, 1]
    assert x[:, STAYS] == pytest.approx(daily**30, rel=2e-4)
    assert x[:, STAYS_TO_THE_END] == pytest.approx(daily**60, rel=4e-4)
    assert 1 / (1 + np.exp(2 * x[:, USUAL])) == pytest.approx(usual**30, rel=2e-4)


@pytest.mark.parametrize("observation", INPUTS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_the_network_that_learned(observation: str, seed: int) -> None:
    """Logits within 1e-6 of torch's: as it learned, features too, in 32 bits, and all in 64 bits."""
    module, rows = trained(observation, seed), seen(500, seed, observation)
    ours = served(module, SCALING).logits(rows)

    with torch.no_grad():
        single = module.logits(torch.from_numpy(features(rows, observation, SCALING, np.float32))).numpy()
        double = module.double().logits(torch.from_numpy(features(rows, observation, SCALING))).numpy()

    assert [x.dtype.name for x in (ours, single, double)] == ["float32", "float32", "float64"]
    assert np.abs(ours - single).max() < 1e-6
    assert np.abs(ours - double).max() < 1e-6


@pytest.mark.parametrize("observation", INPUTS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_decides_as_the_network_that_learned(observation: str, seed: int) -> None:
    """Each head's likeliest open answer, by torch; only where two are within 2e-6 may they differ."""
    module, rows = trained(observation, seed), seen(500, seed, observation)
    open_contact, open_offers = masks(500, seed)
    with torch.no_grad():
        logits = module.logits(torch.from_numpy(features(rows, observation, SCALING, np.float32)))
    closed = torch.where(torch.from_numpy(open_offers), logits[:, OFFER], -math.inf)

    contact, offer, delay = served(module, SCALING).act(rows, open_contact, open_offers)

    lean = (logits[:, 1] - logits[:, 0]).numpy()
    clear = (np.abs(lean) > 2e-6) & sure(closed) & sure(logits[:, DELAY])
    possible = open_contact & open_offers.any(axis=1)
    assert clear.mean() > 0.99
    assert contact[clear].tolist() == ((lean > 0) & possible)[clear].tolist()
    assert offer[clear & possible].tolist() == closed.argmax(dim=1).numpy()[clear & possible].tolist()
    assert delay[clear].tolist() == logits[:, DELAY].argmax(dim=1).numpy()[clear].tolist()
    assert all(len(set(part.tolist())) > 1 for part in (contact, offer))


def sure(logits: torch.Tensor) -> NDArray[np.bool_]:
    """Say where the likeliest answer leads by more than rounding. Shapes: (m, k) → (m,)."""
    best = logits.topk(2, dim=1).values
    return ~(best[:, 0] - best[:, 1] <= 2e-6).numpy()


def test_one_layer_by_hand() -> None:
    """All logits are biases: contact leads by .5, offer 2 is best, or 1 where it is closed; delay 3 of a tie.

    A bias of −.5 makes the contact no likelier than none, and a tie is no contact.
    """
    bias = np.array([1.0, 1.5, 0.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0, 4.0, 4.0, 0.0, 0.0, 0.0])
    plain = PolicyNetwork("full", SCALING, (np.zeros((N_FULL, N_LOGITS)),), (bias,))
    rows, opened = seen(2), all_open(2)
    without_best = np.array([[True, True, True, True], [True, True, False, True]])

    contact, offer, delay = plain.act(rows, opened[0], without_best)

    assert plain.logits(rows).tolist() == [bias.tolist()] * 2
    assert (contact.tolist(), offer.tolist(), delay.tolist()) == ([True, True], [2, 1], [3, 3])
    for lean, expected in ((-0.5, False), (-0.49, True)):
        assert replace(plain, contact_bias=lean).act(rows, *opened)[0].tolist() == [expected] * 2


def test_two_layers_by_hand() -> None:
    """One hidden unit, relu(2·bill − 3): bills of 1 and 2 means give 0 and 1; its weight to contact is 5.

    Logits of a contact −4 and −4 + 5 = 1.
    """
    into, out = np.zeros((N_FULL, 1)), np.zeros((1, N_LOGITS))
    into[BILL], out[0, 1] = 2.0, 5.0
    start = np.zeros(N_LOGITS)
    start[1] = -4.0
    policy = PolicyNetwork("full", SCALING, (into, out), (np.array([-3.0]), start))
    rows = seen(2)
    rows[:, 9] = [64.0, 128.0]

    assert policy.logits(rows)[:, CONTACT].tolist() == [[0.0, -4.0], [0.0, 1.0]]
    assert policy.act(rows, *all_open(2))[0].tolist() == [False, True]


@given(SEEDS)
def test_what_is_closed_is_never_taken(seed: int) -> None:
    """However much the network leans to it: no closed contact, no closed offer, none where all are closed."""
    leaning = replace(network(seed=seed % 5), contact_bias=100.0)
    open_contact, open_offers = masks(40, seed)

    contact, offer, delay = leaning.act(seen(40, seed), open_contact, open_offers)

    assert contact.tolist() == (open_contact & open_offers.any(axis=1)).tolist()
    assert open_offers[np.arange(40), offer][contact].all()
    assert ((delay >= 0) & (delay <= 7)).all()


@given(SEEDS, st.floats(-3, 3), st.floats(0, 3))
def test_a_larger_contact_bias_contacts_whom_a_smaller_one_does(seed: int, low: float, more: float) -> None:
    """And changes neither offer nor delay."""
    policy, rows, opened = network(seed=seed % 5), seen(40, seed), masks(40, seed)

    fewer = replace(policy, contact_bias=low).act(rows, *opened)
    others = replace(policy, contact_bias=low + more).act(rows, *opened)

    assert not (fewer[0] & ~others[0]).any()
    assert fewer[1].tolist() == others[1].tolist()
    assert fewer[2].tolist() == others[2].tolist()


def test_a_row_gets_the_same_answer_alone_in_a_batch_and_in_any_order() -> None:
    """Over more rows than are worked on at once; logits are at most one rounding apart."""
    m = 8_192 + 300
    policy, rows, opened = served(trained("full"), SCALING), seen(m), masks(m, 0)
    order = np.random.default_rng(0).permutation(m)
    together, decided = policy.logits(rows), policy.act(rows, *opened)

    mixed, mixed_decided = (
        policy.logits(rows[order]),
        policy.act(rows[order], *(mask[order] for mask in opened)),
    )

    assert (np.abs(mixed - together[order]) <= np.spacing(np.abs(mixed))).all()
    for ours, theirs in zip(decided, mixed_decided, strict=True):
        assert ours[order].tolist() == theirs.tolist()
    for i in (0, 1, 17, 8_191, 8_192, m - 1):
        one = slice(i, i + 1)
        alone = policy.act(rows[one], opened[0][one], opened[1][one])

        assert (np.abs(policy.logits(rows[one])[0] - together[i]) <= np.spacing(np.abs(together[i]))).all()
        assert [part[0] for part in alone] == [part[i] for part in decided]


def test_nobody_is_nobodys_decision() -> None:
    """No rows in, none out."""
    assert [len(part) for part in network().act(seen(0), *all_open(0))] == [0, 0, 0]


@pytest.mark.parametrize("column", range(15))
def test_who_cannot_be_seen_is_not_contacted(column: int) -> None:
    """NaN in any column that counts, however much the network leans to a contact."""
    rows = seen(3, 0, "full_price")
    rows[1, column] = math.nan

    contact, _, _ = replace(network("full_price"), contact_bias=100.0).act(rows, *all_open(3))

    assert contact.tolist() == [True, False, True]


def test_layers_that_do_not_fit_are_refused() -> None:
    """Of another observation, cut off, without a bias, or of another number of dimensions."""
    known = network("nine")
    w, b = tuple(known.weights), tuple(known.biases)
    wrong = r"layers have shapes .*, wanted a chain from 22 features to 14 logits.*train it again"

    for weights, biases in (
        (w[:2], b[:2]),
        (w, b[:2]),
        (w[:2], b),
        ((), ()),
        ((w[0], w[2]), (b[0], b[2][:-1])),
        ((w[0].T, *w[1:]), b),
        ((w[0].ravel(), *w[1:]), b),
        (w, (b[0][:, None], *b[1:])),
    ):
        with pytest.raises(InputError, match=wrong):
            replace(known, weights=weights, biases=biases)
    with pytest.raises(InputError, match=r"wanted a chain from 34 features to 14 logits"):
        replace(known, observation="full")
    with pytest.raises(InputError, match=r"observation is 'ten', wanted one of nine, full, full_price"):
        replace(known, observation="ten")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_refused(bad: float) -> None:
    """In a weight, a bias, or the bias of the contact."""
    known = network("nine")
    weight, bias = known.weights[1].copy(), known.biases[2].copy()
    weight[3, 4] = bias[1] = bad

    for changes in (
        {"weights": (known.weights[0], weight, known.weights[2])},
        {"biases": (*known.biases[:2], bias)},
        {"contact_bias": bad},
    ):
        with pytest.raises(InputError, match=r"weights hold NaN or inf: train it again"):
            replace(known, **changes)


@pytest.mark.parametrize(
    "prices", [(0.0, 0.0), (1.0, 1.0), (2.0, 1.0), (-0.5, 1.0), (math.nan, 1.0), (1.0, math.inf)]
)
def test_a_price_as_input_needs_its_range(prices: tuple[float, float]) -> None:
    """Nothing is known of prices that were never met; a network that sees no price needs none."""
    scaling = replace(SCALING, low_price=prices[0], high_price=prices[1])

    with pytest.raises(InputError, match=r"sees a price from .* wanted 0 <= low_price < high_price"):
        replace(network("full_price"), scaling=scaling)
    assert replace(network("full"), scaling=scaling).observation == "full"
    assert replace(network("full_price"), scaling=replace(SCALING, low_price=0.0)).contact_bias == 0.0


def test_serving_it_loads_neither_torch_nor_the_simulator() -> None:
    """NumPy alone: nothing that learns, compiles or simulates."""
    script = (
        "import sys\n"
        "import churn_saver.policy.network\n"
        "banned = ('torch', 'numba', 'gymnasium', 'tensorboard', 'scipy', 'churn_saver.policy.simulating')\n"
        "print('loaded:', [name for name in banned if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "loaded: []"


def test_weights_that_cannot_be_added_up_decide_nothing() -> None:
    """Each is a number, and together they are none: no answer is the likeliest."""
    known = network("nine")
    huge = replace(known, weights=[np.full_like(weight, 1e200) for weight in known.weights])

    with (
        np.errstate(all="ignore"),
        pytest.raises(InputError, match=r"logits hold NaN or inf.*make train-ppo"),
    ):
        huge.act(seen(2, 0, "nine"), *all_open(2))
