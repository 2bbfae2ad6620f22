"""Log-probabilities and entropies of responses: against the whole table of words, and their slopes."""

import math

import pytest
import torch
from torch import Tensor

from churn_saver.message.batches import (
    Batch,
    encoded,
    right_padded,
    token_figures,
    token_log_probs,
)
from churn_saver.message.pretrained import LanguageModel
from tests.language_models import one_thread, small

__all__ = ["one_thread"]
PROMPTS = ["to a customer", "brief sms to a new customer, please", "x"]
RESPONSES = ["Hi {name}, please reply.", "Hello", "thank you for {tenure} with us, and once more thank you"]


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    """Make a small model once."""
    return small()


@pytest.fixture
def batch(lm: LanguageModel) -> Batch:
    """Tokenise three pairs of different lengths."""
    return encoded(lm.tokenizer, PROMPTS, RESPONSES, 128)


def ruler(lm: LanguageModel, batch: Batch, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
    """Work the figures out one row at a time, from the whole table of words in 64 bits."""
    log_probs, entropies = torch.zeros(batch.ids.shape), torch.zeros(batch.ids.shape)
    for row in range(len(batch.ids)):
        ids = batch.ids[row][batch.attention[row]][None]
        words = (lm.network(input_ids=ids).logits[0].double() / temperature).log_softmax(dim=1)
        for t in range(1, ids.shape[1]):
            if batch.response[row, t]:
                log_probs[row, t] = words[t - 1, ids[0, t]]
                entropies[row, t] = -(words[t - 1].exp() * words[t - 1]).sum()
    return log_probs, entropies


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_figures_are_those_of_the_whole_table(lm: LanguageModel, batch: Batch, temperature: float) -> None:
    """Each row alone, from softmax in 64 bits, gives the same; filling up changes nothing."""
    with torch.no_grad():
        log_probs, entropies = token_figures(lm.network, batch, temperature=temperature)
        wanted = ruler(lm, batch, temperature)

    torch.testing.assert_close(log_probs, wanted[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(entropies, wanted[1], atol=1e-5, rtol=0)
    assert log_probs.dtype == entropies.dtype == torch.float32


def test_figures_outside_the_response_are_nought(lm: LanguageModel, batch: Batch) -> None:
    """Prompt and filling have none, each token of a response has both."""
    log_probs, entropies = token_log_probs(lm.network, batch), token_figures(lm.network, batch)[1]

    assert torch.equal(log_probs != 0, batch.response)
    assert torch.equal(entropies != 0, batch.response)
    assert not token_figures(lm.network, batch, entropy=False)[1].any()


def test_rows_that_ended_early_cost_no_columns(lm: LanguageModel, batch: Batch) -> None:
    """Row 1 alone is as wide as all, its figures are those it had beside the others."""
    alone = token_log_probs(lm.network, batch.at(torch.tensor([1])))

    torch.testing.assert_close(alone[0], token_log_probs(lm.network, batch)[1], atol=1e-6, rtol=0)
    assert alone.shape == (1, batch.ids.shape[1])


def test_slopes_are_those_of_the_written_out_formula(lm: LanguageModel, batch: Batch) -> None:
    """Against torch's own softmax: the slopes of Σ (log p + 0.3 H) at every weight."""
    network = lm.network

    def slopes(total: Tensor) -> list[Tensor]:
        return list(torch.autograd.grad(total, list(network.parameters())))

    log_probs, entropies = token_figures(network, batch, temperature=0.8)
    found = slopes((log_probs + 0.3 * entropies).sum())
    wanted = slopes(sum(a.sum() * b for a, b in zip(ruler(lm, batch, 0.8), (1.0, 0.3), strict=True)))  # type: ignore[arg-type]

    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-3)


def test_slopes_without_entropy_are_those_with_it_at_weight_nought(lm: LanguageModel, batch: Batch) -> None:
    """Leaving the entropy out changes the work, not the answer."""
    weight = lm.network.get_parameter("model.decoder.embed_tokens.weight")
    with_it = torch.autograd.grad(token_figures(lm.network, batch)[0].sum(), weight)[0]
    without = torch.autograd.grad(token_log_probs(lm.network, batch).sum(), weight)[0]

    torch.testing.assert_close(with_it, without, atol=1e-6, rtol=0)


def test_a_network_that_knows_nothing_finds_all_words_alike(lm: LanguageModel, batch: Batch) -> None:
    """Weights of nought: log p = -log V and H = log V for each of V words."""
    blank = small()
    with torch.no_grad():
        blank.network.get_parameter("lm_head.weight").zero_()
        log_probs, entropies = token_figures(blank.network, batch)
    words = math.log(len(lm.tokenizer))

    assert log_probs[batch.response].tolist() == pytest.approx([-words] * int(batch.response.sum()), abs=1e-5)
    assert entropies[batch.response].tolist() == pytest.approx([words] * int(batch.response.sum()), abs=1e-5)


def test_filling_stands_on_the_right() -> None:
    """Two rows worked by hand: prompts 5 6 and 7, responses 8 and 9 9 1, filling 0."""
    batch = right_padded([[5, 6], [7]], [[8], [9, 9, 1]], 0)

    assert batch.ids.tolist() == [[5, 6, 8, 0], [7, 9, 9, 1]]
    assert batch.attention.tolist() == [[True, True, True, False], [True] * 4]
    assert batch.response.tolist() == [[False, False, True, False], [False, True, True, True]]
