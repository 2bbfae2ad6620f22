"""Supervised fine-tuning: what the loss counts, what is learned, and that it goes on where it was stopped."""

from collections.abc import Iterator
from math import isnan, log
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from torch import nn

from churn_saver.errors import InputError
from churn_saver.message.language_model import adapters_of, encode, with_adapters
from churn_saver.train.lesson import LessonPoint
from churn_saver.train.sft import FineTuned, fine_tune
from tests.text_lessons import base, deaf, pairs, prompts, quick_sft

ROWS = pairs().select("prompt", "response")


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the power went."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tuned(state: Path, rows: pl.DataFrame = ROWS, seed: int = 0, **changes: Any) -> FineTuned:
    """Tune the small model for a few steps."""
    return fine_tune(base(), rows, ROWS.head(5), quick_sft(**changes), seed, state, deaf, deaf)


def stopped_after(state: Path, step: int, **changes: Any) -> None:
    """Stop in the middle of the step after."""

    def at(point: LessonPoint) -> None:
        if point.step > step:
            raise Stopped

    with pytest.raises(Stopped):
        fine_tune(base(), ROWS, ROWS.head(5), quick_sft(**changes), 0, state, deaf, at)


def bits(found: FineTuned) -> dict[str, bytes]:
    """Give the adapters as they are."""
    return {name: array.tobytes() for name, array in adapters_of(found.lm).items()}


def test_a_stopped_tuning_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    """After three of six steps, two of them saved; dropout is drawn on."""
    dropout: dict[str, Any] = {"lora": {"rank": 4, "alpha": 8, "dropout": 0.1, "targets": "all-linear"}}
    whole = tuned(tmp_path / "whole", **dropout)
    stopped_after(tmp_path / "state", 3, **dropout)

    rest = tuned(tmp_path / "state", **dropout)

    assert bits(rest) == bits(whole)
    assert repr(rest.points) == repr(whole.points)
    assert bits(tuned(tmp_path / "again", **dropout)) == bits(whole)


def test_what_it_leaves_says_what_went_in(tmp_path: Path) -> None:
    """Sixteen pairs and one too long; points of all steps, a look at the third and the last."""
    long = pl.DataFrame({"prompt": ["p"], "response": ["word " * 200]})

    found = tuned(tmp_path, rows=pl.concat([ROWS, long]))

    assert (found.pairs, found.too_long, found.valid_pairs) == (16, 1, 5)
    assert [point.step for point in found.points if not isnan(point.valid_loss)] == [3, 6]
    assert all(isnan(point.valid_accuracy) for point in found.points)
    assert found.valid_loss == found.points[-1].valid_loss
    assert found.trainable == sum(array.size for array in adapters_of(found.lm).values())
    assert 0 < found.trainable < found.parameters


def test_at_first_every_token_is_about_as_likely(tmp_path: Path) -> None:
    """A model made from nothing knows nothing: −log p is near the log of its vocabulary, per token."""
    words = len(base().tokenizer)

    assert tuned(tmp_path, steps=1).points[0].loss == pytest.approx(log(words), rel=0.15)


def test_the_validation_loss_is_a_mean_over_tokens_however_it_is_cut(tmp_path: Path) -> None:
    """Five rows by four and one, or all at once."""
    whole, cut = (tuned(tmp_path / str(n), steps=1, batch_size=n, learning_rate=1e-12) for n in (16, 4))

    assert cut.valid_loss == pytest.approx(whole.valid_loss, abs=1e-5)


def test_one_answer_is_learned(tmp_path: Path) -> None:
    """A toy it must solve: one answer to every prompt is found likely, its end too."""
    answer = "{name}, {plan}"
    rows = pl.DataFrame({"prompt": prompts(), "response": [answer] * 16})
    lora = {"rank": 16, "alpha": 32, "dropout": 0.0, "targets": "all-linear"}

    settings = quick_sft(steps=120, batch_size=8, learning_rate=0.05, save_every=120, lora=lora)
    lm = base()
    # Rows of a fresh table are so short that no word can be likely; adapters do not change it.
    lm.network.get_input_embeddings().weight.data.mul_(60.0)  # type: ignore[operator]

    found = fine_tune(lm, rows, rows, settings, 0, tmp_path, deaf, deaf)

    assert found.points[0].loss > 4.0
    assert found.valid_loss < 0.5


def test_the_loss_is_of_the_responses_alone(tmp_path: Path) -> None:
    """The first point is −log p of the responses, by another way."""
    found = tuned(tmp_path, steps=1, batch_size=16)

    fresh = with_adapters(base(), quick_sft().lora, 0)
    rows = encode(fresh, ROWS["prompt"].to_list(), ROWS["response"].to_list(), 128)
    with torch.no_grad():
        read = nn.Module.__call__(fresh.network, rows.ids, attention_mask=rows.attention.long())
    words = read.logits[:, :-1].log_softmax(-1)
    taken = words.gather(-1, rows.ids[:, 1:, None]).squeeze(-1)[rows.response[:, 1:]]
    assert found.points[0].loss == pytest.approx(-float(taken.mean()), abs=1e-5)


def test_bfloat16_learns_in_32_bits(tmp_path: Path) -> None:
    """Autocast touches neither adapters nor what is told."""
    found = tuned(tmp_path, steps=2, bfloat16=True)

    assert {parameter.dtype for parameter in found.lm.network.parameters()} == {torch.float32}
    assert found.points[1].loss == pytest.approx(log(len(found.lm.tokenizer)), rel=0.15)


def test_an_empty_set_is_refused_by_name(tmp_path: Path) -> None:
    """Before anything is trained or written."""
    with pytest.raises(InputError, match=r"there are no pairs to learn from, wanted at least one"):
        tuned(tmp_path / "state", rows=ROWS.head(0))
    with pytest.raises(InputError, match=r"there are no validation pairs"):
        fine_tune(base(), ROWS, ROWS.head(0), quick_sft(), 0, tmp_path / "state", deaf, deaf)
    assert not (tmp_path / "state").exists()
