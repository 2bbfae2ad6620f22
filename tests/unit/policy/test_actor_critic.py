"""The network that learns: its sizes, where it starts, and the copy of it that serves."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from churn_saver.policy.actor_critic import N_VALUES, ActorCritic, served
from churn_saver.policy.network import CONTACT, DELAY, INPUTS, N_LOGITS, OFFER, features, n_features
from tests.policies import SCALING, actor_critic, opinionated, seen


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def sight(m: int, observation: str = "full", seed: int = 0) -> Tensor:
    """Draw features of m customers. Shapes: → (m, features)."""
    return torch.from_numpy(features(seen(m, seed, observation), observation, SCALING, np.float32))


def size(module: ActorCritic) -> int:
    """Count the numbers that are learned."""
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("observation", INPUTS)
@pytest.mark.parametrize("hidden", [(8,), (8, 5), (4, 4, 4)])
@pytest.mark.parametrize("shared_trunk", [True, False])
def test_every_shape_gives_14_logits_and_three_values(
    observation: str, hidden: tuple[int, ...], shared_trunk: bool
) -> None:
    """Of any observation and depth; asked for one of the two alone, it gives the same."""
    module, x = actor_critic(observation, 0, hidden, shared_trunk), sight(7, observation)

    logits, values = module(x)

    assert (logits.shape, values.shape) == ((7, N_LOGITS), (7, N_VALUES))
    assert module.logits(x).tolist() == logits.tolist()
    assert module.values_of(x).tolist() == values.tolist()


def test_a_trunk_of_its_own_is_learned_beside_the_policys() -> None:
    """Nine inputs make 22 features. Trunk 22·4 + 4 = 92, heads 4·14 + 14 = 70, values 4·3 + 3 = 15."""
    assert size(actor_critic("nine", 0, (4,), shared_trunk=True)) == 92 + 70 + 15
    assert size(actor_critic("nine", 0, (4,), shared_trunk=False)) == 92 + 70 + 15 + 92


@pytest.mark.parametrize("shared_trunk", [True, False])
def test_values_move_the_policys_layers_only_where_they_share_them(shared_trunk: bool) -> None:
    """The error of a value has a slope at the trunk, or none."""
    module, x = opinionated(actor_critic(shared_trunk=shared_trunk)), sight(5)
    _, values = module(x)

    torch.autograd.backward(values.square().mean())

    slopes = [parameter.grad for parameter in module.trunk.parameters()]
    assert [slope is not None and bool(slope.abs().sum() > 0) for slope in slopes] == [shared_trunk] * 2
    assert module.heads.weight.grad is None
    assert all(p.grad is not None for p in module.value_trunk.parameters())


@pytest.mark.parametrize("shared_trunk", [True, False])
def test_the_policy_moves_no_layer_of_the_values(shared_trunk: bool) -> None:
    """Logits have no slope at what only the values read."""
    module, x = opinionated(actor_critic(shared_trunk=shared_trunk)), sight(5)

    torch.autograd.backward(module(x)[0].square().mean())

    assert all(p.grad is None for p in (*module.value_trunk.parameters(), *module.values.parameters()))
    assert all(p.grad is not None for p in (*module.trunk.parameters(), *module.heads.parameters()))


@pytest.mark.parametrize("observation", INPUTS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_fresh_policy_contacts_in_one_of_five_and_has_no_favourite(observation: str, seed: int) -> None:
    """1/(1 + e^1.5) = .182; offers near 1/4 and delays near 1/8 each, whoever it is."""
    with torch.no_grad():
        logits = actor_critic(observation, seed, (128, 128)).logits(sight(300, observation))

    assert logits[:, CONTACT].softmax(1)[:, 1].numpy() == pytest.approx(0.182, abs=0.02)
    assert logits[:, OFFER].softmax(1).numpy() == pytest.approx(1 / 4, abs=0.02)
    assert logits[:, DELAY].softmax(1).numpy() == pytest.approx(1 / 8, abs=0.02)


def test_layers_start_orthogonal_and_without_bias() -> None:
    """Hidden rows of squared length 2 at right angles; the heads a ten-thousandth, the values a hundredth."""
    module = actor_critic("full", 0, (16, 8))
    expected = ((module.trunk[0], 2.0), (module.trunk[2], 2.0), (module.values, 1e-2))

    for layer, length in expected:
        assert isinstance(layer, nn.Linear)
        rows = (layer.weight @ layer.weight.T).detach().numpy()

        assert rows == pytest.approx(length * np.eye(len(rows)), abs=1e-5)
        assert not layer.bias.any()
    columns = (module.heads.weight.T @ module.heads.weight).detach().numpy()
    assert columns == pytest.approx(1e-4 * np.eye(8), abs=1e-9)
    assert module.heads.bias.tolist() == [0.0, -1.5] + [0.0] * 12


def test_the_same_seed_starts_alike_and_another_does_not() -> None:
    """All weights follow from the seed of torch."""
    x = sight(3)

    assert actor_critic(seed=4)(x)[1].tolist() == actor_critic(seed=4)(x)[1].tolist()
    assert actor_critic(seed=4)(x)[1].tolist() != actor_critic(seed=5)(x)[1].tolist()


@pytest.mark.parametrize("hidden", [(8,), (8, 5)])
def test_the_network_that_serves_has_the_layers_of_the_policy(hidden: tuple[int, ...]) -> None:
    """Transposed, in double precision, the heads last; values and their trunk stay behind."""
    module = opinionated(actor_critic("nine", 3, hidden))
    policy = served(module, SCALING, 0.25)

    sizes = [n_features("nine"), *hidden, N_LOGITS]
    assert [w.shape for w in policy.weights] == [(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
    assert policy.weights[-1].T.tolist() == module.heads.weight.tolist()
    assert policy.biases[-1].tolist() == module.heads.bias.tolist()
    assert policy.weights[0].T.tolist() == next(module.trunk.parameters()).tolist()
    assert {array.dtype for array in (*policy.weights, *policy.biases)} == {np.dtype(np.float64)}
    assert (policy.observation, policy.scaling, policy.contact_bias) == ("nine", SCALING, 0.25)


@pytest.mark.parametrize("precise", [True, False])
def test_later_training_does_not_change_what_serves(precise: bool) -> None:
    """A copy, not a view, in either precision: weights may move on or be thrown away."""
    module, rows = actor_critic(seed=1), seen(6)
    module = module.double() if precise else module
    policy = served(module, SCALING)
    before = policy.logits(rows).tolist()

    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1.0)

    assert policy.logits(rows).tolist() == before
    assert served(module, SCALING).logits(rows).tolist() != before
