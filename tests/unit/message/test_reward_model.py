"""The reward model: what it reads, what it learns from, and what is saved of it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import log, nan

import numpy as np
import pytest
import torch
from torch import nn

from churn_saver.config import LoraSettings
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.language_model import Batch, encode, with_adapters
from churn_saver.message.reward_model import (
    RewardModel,
    Scale,
    head_of,
    preference_loss,
    scaled,
    scored,
    scores,
    standardised,
    untrained,
    with_head,
)
from tests.text_lessons import base, prompts

LORA = LoraSettings(rank=2, alpha=4, dropout=0.0, targets="all-linear")
TEXTS = (
    "Hi {name}, stay with us.",
    "Pay now!",
    "Thank you for {tenure}, {name}. Please reply to keep {plan}.",
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def judge() -> RewardModel:
    """Make an untrained one."""
    return untrained(with_adapters(base(), LORA, seed=0), seed=0)


def batch(texts: tuple[str, ...] = TEXTS) -> Batch:
    """Put texts after the first prompts."""
    return encode(judge().lm, prompts()[: len(texts)], texts, 128)


def raw(rows: Batch) -> list[float]:
    """Score rows without gradient."""
    with torch.no_grad():
        return [float(one) for one in scores(judge(), rows)]


class Fixed(nn.Module):
    """A network that holds given numbers of each token."""

    base_model_prefix = "trunk"
    device = torch.device("cpu")

    def __init__(self, held: torch.Tensor) -> None:
        super().__init__()
        self._held = held

    def trunk(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, use_cache: bool) -> object:
        """Give the numbers, as wide as what was read."""
        held = self._held[:, : input_ids.shape[1]]
        return type("Read", (), {"last_hidden_state": held})


def test_a_score_is_the_head_on_the_mean_over_the_response() -> None:
    """Tokens 1 and 2 of the first row hold (1, 2) and (3, 6), mean (2, 4); with head (10, 1) that is 24.

    The second row has one, (0, 5): 5. The prompt holds 100s, the filling NaN; neither counts.
    """
    held = torch.tensor([[[100.0, 100.0], [1.0, 2.0], [3.0, 6.0]], [[100.0, 100.0], [0.0, 5.0], [nan, nan]]])
    response = torch.tensor([[False, True, True], [False, True, False]])
    attention = torch.tensor([[True, True, True], [True, True, False]])
    rows = Batch(torch.zeros(2, 3, dtype=torch.int64), attention, response)
    head = nn.Parameter(torch.tensor([10.0, 1.0]))
    one = RewardModel(replace(judge().lm, network=Fixed(held)), head)  # type: ignore[arg-type]

    assert scores(one, rows).tolist() == [24.0, 5.0]


def test_different_texts_score_differently() -> None:
    """Pooled at one fixed position, the end, an untrained judge would give them the same."""
    assert len({round(one, 6) for one in raw(batch())}) == 3


def test_one_changed_word_changes_the_score() -> None:
    """Anywhere in the response."""
    same, first, last = raw(
        encode(judge().lm, prompts()[:1] * 3, ["Stay a week", "Play a week", "Stay a year"], 99)
    )

    assert first != same
    assert last != same


def test_padding_changes_nothing() -> None:
    """A row alone scores as it does beside longer ones, and with five columns of filling more."""
    together = raw(batch())
    alone = [raw(encode(judge().lm, [prompts()[n]], [text], 128))[0] for n, text in enumerate(TEXTS)]
    whole = batch()
    ids, attention, response = (
        torch.nn.functional.pad(part, (0, 5)) for part in (whole.ids, whole.attention, whole.response)
    )
    filled = Batch(ids, attention, response)

    assert together == pytest.approx(alone, abs=1e-5)
    assert raw(filled) == together


def test_what_stands_in_the_filling_changes_nothing() -> None:
    """Another token there is not read."""
    rows = batch()
    ids = torch.where(rows.attention, rows.ids, 7)

    assert raw(replace(rows, ids=ids)) == raw(rows)


def test_a_row_without_a_response_is_refused() -> None:
    """There is nothing to average."""
    rows = batch()
    none = rows.response.clone()
    none[1] = False

    with pytest.raises(InputError, match=r"row 1 has no response to score"):
        scores(judge(), replace(rows, response=none))


def test_gradients_reach_head_and_adapters_and_nothing_else() -> None:
    """The base stays as it is; the adapters' second factor starts at 0, so the first has no slope yet."""
    one = untrained(with_adapters(base(), LORA, seed=1), seed=1)

    torch.autograd.backward(scores(one, encode(one.lm, prompts()[:3], TEXTS, 128)).sum())

    assert one.head.grad is not None
    assert float(one.head.grad.abs().sum()) > 0.0
    moved = {name for name, weight in one.lm.network.named_parameters() if weight.grad is not None}
    assert moved
    assert all("lora" in name or "trainable_tokens" in name for name in moved)
    assert any("lora_B" in name for name in moved)


def test_scores_are_made_in_32_bits_under_autocast() -> None:
    """256 times 1.001 is 256.256; in half precision 1.001 is 1, and the next score after 256 is 258."""
    held = torch.full((1, 1, 256), 1.001)
    here = torch.ones(1, 1, dtype=torch.bool)
    rows = Batch(torch.zeros(1, 1, dtype=torch.int64), here, here)
    one = RewardModel(replace(judge().lm, network=Fixed(held)), nn.Parameter(torch.ones(256)))  # type: ignore[arg-type]

    with torch.autocast("cpu", torch.bfloat16):
        found = scores(one, rows)

    assert found.dtype == torch.float32
    assert found.tolist() == pytest.approx([256.256], abs=1e-3)


def test_texts_are_scored_in_their_order_whatever_the_batches() -> None:
    """Rows are sorted by length inside; two at a time or all at once gives the same, without a gradient."""
    judge().lm.network.train()
    at_once = scored(judge(), prompts()[:3], TEXTS, 128)
    by_two = scored(judge(), prompts()[:3], TEXTS, 128, batch_size=2)

    assert at_once.dtype == np.float32
    assert at_once.tolist() == pytest.approx(raw(batch()), abs=1e-5)
    assert by_two.tolist() == pytest.approx(at_once.tolist(), abs=1e-5)
    assert judge().lm.network.training


def test_a_text_that_is_too_long_is_refused() -> None:
    """By its row, as `encode` does."""
    with pytest.raises(InputError, match=r"row 2 has \d+ tokens of prompt"):
        scored(judge(), prompts()[:3], ["a", "b", "c" * 200], 150)


def test_the_same_seed_gives_the_same_head() -> None:
    """And another seed another."""
    lm = judge().lm
    state = torch.get_rng_state().tolist()
    first, again, other = (untrained(lm, seed).head.tolist() for seed in (0, 0, 1))

    assert first == again
    assert first != other
    assert torch.get_rng_state().tolist() == state
    assert len(first) == 32


def test_the_loss_is_how_unlikely_the_choices_were() -> None:
    """Differences ln 3 and 0: σ is 3/4 and 1/2, so −(ln 3/4 + ln 1/2) / 2 = ln(8/3) / 2."""
    chosen, rejected = torch.tensor([1.0 + log(3), 2.0]), torch.tensor([1.0, 2.0])

    assert float(preference_loss(chosen, rejected, 0.0)) == pytest.approx(log(8 / 3) / 2)


def test_the_margin_is_taken_off_the_difference() -> None:
    """A difference of 2 + ln 3 with margin 2 costs as much as one of ln 3 without: −ln 3/4."""
    chosen, rejected = torch.tensor([2.0 + log(3)]), torch.tensor([0.0])

    assert float(preference_loss(chosen, rejected, 2.0)) == pytest.approx(-log(3 / 4))


def test_only_differences_count_for_the_loss() -> None:
    """Scores that are all 50 higher cost the same, and a hopeless pair costs a finite number."""
    chosen, rejected = torch.tensor([0.3, -1.0]), torch.tensor([0.1, 999.0])

    found = float(preference_loss(chosen + 50.0, rejected + 50.0, 0.1))

    assert found == pytest.approx(float(preference_loss(chosen, rejected, 0.1)), rel=1e-5)


@pytest.mark.parametrize(("chosen", "rejected"), [((2,), (2, 1)), ((3,), (2,)), ((0,), (0,))])
def test_sides_of_other_shapes_are_refused(chosen: tuple[int, ...], rejected: tuple[int, ...]) -> None:
    """They would be broadcast, and the loss would fall all the same."""
    with pytest.raises(InputError, match=r"wanted the same and at least one pair"):
        preference_loss(torch.zeros(chosen), torch.zeros(rejected), 0.0)


def test_scores_are_told_in_deviations_from_good_messages() -> None:
    """Good ones score 1 and 3: mean 2, deviation 1; then 5 is 3 above."""
    one = scaled(judge(), np.array([1.0, 3.0], np.float32))

    assert one.scale == Scale(2.0, 1.0)
    assert standardised(one, np.array([5.0, 2.0], np.float32)).tolist() == [3.0, 0.0]
    assert standardised(one, np.array([5.0], np.float32)).dtype == np.float32


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 0.0), (nan, 1.0), (0.0, nan), (0.0, -1.0)])
def test_a_scale_that_cannot_be_divided_by_is_refused(mean: float, deviation: float) -> None:
    """As that of messages that all score the same."""
    with pytest.raises(InputError, match=r"wanted numbers and a deviation above 0"):
        Scale(mean, deviation)


def test_a_saved_head_is_put_back_bit_for_bit() -> None:
    """With its scale; the arrays are copies."""
    one = replace(judge(), scale=Scale(0.1, 2.5))

    again = with_head(one.lm, head_of(one))

    assert again.head.tolist() == one.head.tolist()
    assert again.scale == one.scale
    assert not np.shares_memory(head_of(one)["weight"], one.head.detach().numpy())


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"weight": np.zeros(32)},
        {"weight": np.zeros(31), "scale": np.ones(2)},
        {"weight": np.zeros(32), "scale": np.ones(2), "bias": np.zeros(1)},
    ],
)
def test_a_head_of_another_model_is_refused(arrays: dict[str, np.ndarray]) -> None:
    """It says what is wanted and what makes it."""
    with pytest.raises(ArtifactError, match=r"wanted \{'weight': \(32,\), 'scale': \(2,\)\}.*make train-rm"):
        with_head(judge().lm, arrays)
