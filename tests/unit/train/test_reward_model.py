"""The recipe of the reward model: pairs it refuses, what it learns, and how it is measured."""

from collections.abc import Iterator
from math import isnan, log
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from churn_saver.errors import InputError
from churn_saver.message.language_model import adapters_of, with_adapters
from churn_saver.message.reward_model import head_of, scored, standardised, untrained
from churn_saver.train.lesson import LessonPoint
from churn_saver.train.reward_model import Accuracy, TrainedReward, accuracies, train_reward
from tests.text_lessons import base, deaf, pairs, quick_rm


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the power went."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(state: Path, rows: pl.DataFrame | None = None, **changes: Any) -> TrainedReward:
    """Train the small model for a few steps."""
    rows = pairs() if rows is None else rows
    return train_reward(base(), rows, pairs().head(6), {}, quick_rm(**changes), 0, state, deaf, deaf)


def bits(found: TrainedReward) -> dict[str, bytes]:
    """Give adapters, head and scale as they are."""
    arrays = {**adapters_of(found.rm.lm), **head_of(found.rm)}
    return {name: array.tobytes() for name, array in arrays.items()}


def test_a_stopped_training_goes_on_to_the_same_model(tmp_path: Path) -> None:
    """After three of six steps; the head is part of the state."""
    whole = trained(tmp_path / "whole")

    def at(point: LessonPoint) -> None:
        if point.step > 3:
            raise Stopped

    with pytest.raises(Stopped):
        train_reward(base(), pairs(), pairs().head(6), {}, quick_rm(), 0, tmp_path / "state", deaf, at)

    rest = trained(tmp_path / "state")
    assert bits(rest) == bits(whole)
    assert repr(rest.points) == repr(whole.points)


def test_kind_is_told_from_rude(tmp_path: Path) -> None:
    """A toy it must solve: every pair right, of each kind and of a public set that it never learned from."""
    told: list[tuple[str, int, int]] = []
    public = {"hh": pairs().select("prompt", "chosen", "rejected").tail(3)}

    found = train_reward(
        base(), pairs(), pairs(), public, quick_rm(steps=30, learning_rate=0.01, save_every=30), 0, tmp_path,
        lambda *step: told.append(step), deaf,
    )  # fmt: skip

    assert found.accuracy == Accuracy(16, 16.0)
    assert found.by_kind == {"pressure": Accuracy(8, 8.0), "shouting": Accuracy(8, 8.0)}
    assert found.public == {"hh": Accuracy(3, 3.0)}
    assert found.points[-1].valid_accuracy == 1.0
    assert found.points[-1].valid_loss < 0.1
    assert told[-2:] == [("judging public pairs", 0, 1), ("judging public pairs", 1, 1)]


def test_the_scale_is_that_of_the_chosen_validation_responses(tmp_path: Path) -> None:
    """Their standard scores have mean 0 and deviation 1."""
    found = trained(tmp_path)

    valid = pairs().head(6)
    good = standardised(found.rm, scored(found.rm, valid["prompt"].to_list(), valid["chosen"].to_list(), 128))
    assert (float(good.mean()), float(good.std())) == pytest.approx((0.0, 1.0), abs=1e-3)


def test_at_first_it_is_undecided(tmp_path: Path) -> None:
    """A fresh head costs about ln 2 a pair; a margin of 2 makes that −ln σ(−2) = 2.13."""
    plain = trained(tmp_path / "1", steps=1, batch_size=16)
    strict = trained(tmp_path / "2", steps=1, batch_size=16, margin=2.0)

    assert plain.points[0].loss == pytest.approx(log(2), abs=0.1)
    assert strict.points[0].loss == pytest.approx(2.127, abs=0.15)
    assert [isnan(point.valid_accuracy) for point in plain.points] == [False]


def test_what_it_leaves_counts_pairs_and_weights(tmp_path: Path) -> None:
    """Sixteen pairs and one of which a side is too long; the head counts as learned."""
    long = pairs().head(1).with_columns(pl.lit("word " * 200).alias("rejected"))

    found = trained(tmp_path, rows=pl.concat([pairs(), long]), steps=1)

    assert (found.pairs, found.too_long) == (16, 1)
    assert found.trainable == sum(array.size for array in adapters_of(found.rm.lm).values()) + 32
    assert found.trainable < found.parameters


def test_accuracy_counts_a_tie_as_half() -> None:
    """A judge whose head is 0 scores everything 0: half of each kind."""
    one = untrained(with_adapters(base(), quick_rm().lora, 0), 0)
    blind = type(one)(one.lm, nn.Parameter(torch.zeros_like(one.head)))

    chosen, by_kind = accuracies(blind, pairs(), quick_rm())

    assert chosen.tolist() == [0.0] * 16
    assert by_kind == {"pressure": Accuracy(8, 4.0), "shouting": Accuracy(8, 4.0)}
    assert by_kind["pressure"].share == 0.5


def test_sides_swapped_make_right_wrong() -> None:
    """Accuracy and its mirror sum to 1, whatever the judge."""
    one = untrained(with_adapters(base(), quick_rm().lora, 0), 0)
    mirrored = pairs().rename({"chosen": "rejected", "rejected": "chosen"})

    there, back = (accuracies(one, rows, quick_rm())[1] for rows in (pairs(), mirrored))

    assert [there[kind].right + back[kind].right for kind in there] == [8.0, 8.0]


@pytest.mark.parametrize("spaces", ["", "  "])
def test_a_pair_with_chosen_as_rejected_is_refused_by_name(tmp_path: Path, spaces: str) -> None:
    """By its row; spaces around make no other text."""
    same = pl.when(pl.int_range(pl.len()) >= 14).then(pl.col("chosen") + spaces).otherwise("rejected")
    rows = pairs().with_columns(same.alias("rejected"))

    with pytest.raises(
        InputError, match=r"row 14 of the pairs to learn from has chosen = rejected.*and 1 more"
    ):
        trained(tmp_path, rows=rows)


def test_empty_sets_and_missing_kinds_are_refused_by_name(tmp_path: Path) -> None:
    """Before anything is trained or written."""
    state = tmp_path / "state"
    with pytest.raises(InputError, match=r"there are no pairs to learn from"):
        trained(state, rows=pairs().head(0))
    with pytest.raises(InputError, match=r"validation pairs have no column kind"):
        train_reward(base(), pairs(), pairs().drop("kind"), {}, quick_rm(), 0, state, deaf, deaf)
    with pytest.raises(InputError, match=r"there are no held-out pairs of hh"):
        train_reward(base(), pairs(), pairs(), {"hh": pairs().head(0)}, quick_rm(), 0, state, deaf, deaf)
    assert not state.exists()


def test_bfloat16_judges_the_same_order(tmp_path: Path) -> None:
    """Scores stay in 32 bits; a toy that is solved in 32 is solved in 16."""
    found = trained(tmp_path, steps=30, learning_rate=0.01, bfloat16=True, save_every=30)

    assert found.accuracy.share == 1.0
    assert np.isfinite(found.rm.head.detach().numpy()).all()
