"""Values of texts that are still being written."""

from collections.abc import Iterator

import pytest
import torch
from torch.nn.functional import mse_loss

from churn_saver.domain.briefs import prompt_of
from churn_saver.errors import InputError
from churn_saver.message.language_model import Batch, encode, token_log_probs
from churn_saver.message.value_head import ValueHead, overheard, states_before
from tests.text_policies import BRIEFS, one_thread, start


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Leave the other cores to others."""
    before = one_thread()
    yield
    torch.set_num_threads(before)


def batch_of(*texts: str) -> Batch:
    """Tokenise texts behind the first prompts."""
    return encode(start(), [prompt_of(brief) for brief in BRIEFS[: len(texts)]], texts, 200)


def test_a_fresh_head_expects_nothing() -> None:
    """Exactly 0 everywhere, so the first advantages are the rewards themselves; one value for each state."""
    values = ValueHead(8, seed=0)(torch.randn(3, 5, 8))

    assert values.shape == (3, 5)
    assert not values.any()


def test_the_same_seed_is_the_same_head() -> None:
    """Whatever was drawn before; another seed is another one."""
    first, other = ValueHead(8, seed=1), ValueHead(8, seed=2)
    torch.rand(5)
    second = ValueHead(8, seed=1)

    assert torch.equal(first.inner.weight, second.inner.weight)
    assert not torch.equal(first.inner.weight, other.inner.weight)


def test_a_head_learns_a_value_of_its_states() -> None:
    """The sign of the first number of a state, from 256 of them: nine tenths of the variance."""
    states = torch.randn(256, 8, generator=torch.Generator().manual_seed(0))
    wanted = states[:, 0].sign()
    head = ValueHead(8, seed=0)
    optimiser = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(200):
        optimiser.zero_grad()
        loss = mse_loss(head(states), wanted)
        torch.autograd.backward(loss)
        optimiser.step()

    assert float(loss.detach()) < 0.1


def test_what_is_overheard_makes_the_very_words() -> None:
    """The head of words on a state gives the log-probability of the token that stands behind it."""
    network, batch = start().network, batch_of("Hi {name}, reply.", "Hello.")
    with torch.no_grad(), overheard(network) as read:
        logp = token_log_probs(network, batch)

    states = states_before(read[0], batch)
    words = network.get_output_embeddings()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        table = words(states).log_softmax(-1).gather(-1, batch.ids[..., None])[..., 0]
    assert len(read) == 1
    assert torch.allclose(table[batch.response], logp[batch.response], atol=1e-5)
    assert not states[~batch.response].any()


def test_a_state_knows_what_stands_before_it_alone() -> None:
    """Two responses that part at their last word have the same states up to there, that of the word too."""
    network, batch = start().network, batch_of("Hi {name}")
    other = Batch(batch.ids.clone(), batch.attention, batch.response)
    at = int(batch.response[0].nonzero()[-2])
    other.ids[0, at] += 1
    found = []
    for one in (batch, other):
        with torch.no_grad(), overheard(network) as read:
            token_log_probs(network, one)
        found.append(states_before(read[0], one)[0])

    assert torch.equal(found[0][: at + 1], found[1][: at + 1])
    assert not torch.equal(found[0][at + 1], found[1][at + 1])


def test_nobody_listens_afterwards() -> None:
    """A pass behind the context is not kept, not even after an error inside."""
    network, batch = start().network, batch_of("Hi.")
    with pytest.raises(RuntimeError, match=r"stop"), overheard(network) as read:
        raise RuntimeError("stop")
    token_log_probs(network, batch)

    assert read == []


def test_states_of_another_batch_are_refused() -> None:
    """Five states for fewer tokens."""
    batch = batch_of("Hi.")

    with pytest.raises(InputError, match=r"99 states were read for \d+ tokens of responses, wanted one"):
        states_before(torch.zeros(99, 4), batch)
