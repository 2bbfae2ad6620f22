"""Which texts the message models learn from: the company's own, public ones, and the grammar's.

    rlhf_pairs.jsonl       which of two messages is better; where it is, it stands for the grammar
    messages.csv, .jsonl   drafts of the company with a review; they join either
    processed/oasst1, processed/preferences   public texts, in the share that the settings say

The pairs of the demo are too few to learn a language from: they count as absent. Every choice is told
in words. What has too many tokens is for the recipes to leave out: nothing here knows a model.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.config import RmSettings, SftSettings, TrainingSettings
from churn_saver.data.retention_texts import preferences, responses
from churn_saver.domain.draws import chance
from churn_saver.errors import ConfigError, InputError
from churn_saver.train.text_sources import Found, Public, own_messages, own_pairs, public_pairs

SFT_COLUMNS = ("prompt", "response", "source")
RM_COLUMNS = ("prompt", "chosen", "rejected", "kind", "source")
GRAMMAR, OWN_PAIRS, OWN_MESSAGES = "grammar", "own pairs", "own messages"
"""Sources that are not public."""
MOST_VALIDATION = 1_000
"""Validation pairs of the grammar, and of each public set."""
BRIEFS_OF_A_MESSAGE = 4
"""A message of the company answers so many of the briefs that it suits."""
_VALIDATION_SHARE = 0.1
Write = Callable[[str, int, int], pl.DataFrame]
"""Split, number and seed → pairs."""


@dataclass(frozen=True, slots=True)
class TextData:
    """What to learn from and what to look at, mixed, and where it came from."""

    train: pl.DataFrame
    """`SFT_COLUMNS` or `RM_COLUMNS`."""
    valid: pl.DataFrame
    """Likewise, with other structures or prompts; nothing public."""
    public: Mapping[str, pl.DataFrame]
    """Source → held-out pairs of a public set, never learned from."""
    used: tuple[str, ...]
    """What was used and what was not, and why, a sentence each."""
    left_out: Mapping[str, int]
    """Reason in words → how many rows were left out."""


def find_responses(folder: Path, settings: SftSettings, seed: int, skip_bad_rows: bool = False) -> TextData:
    """Find answers to imitate; of the company's pairs the chosen text is one.

    Args:
        folder: The data folder.
        settings: sft.yaml.
        seed: Another seed, other pairs of the grammar and another choice of public ones.
        skip_bad_rows: Leave out rows of the company's files that cannot be used, and count them.

    Raises:
        TableError: a row of the company's files cannot be used.
        InputError: a file holds nothing to learn from.
        ArtifactError: a prepared set was altered.
        ConfigError: nothing but public pairs is wanted.
    """
    pairs, messages = own_pairs(folder, skip_bad_rows), own_messages(folder, skip_bad_rows)
    public = _public(folder, "oasst1", ("response",), settings)
    own = []
    if pairs.frame is None:
        own.append(_of_grammar(responses, settings, seed))
    else:
        own.append(_parted(pairs.frame.rename({"chosen": "response"}), "prompt", OWN_PAIRS))
    if messages.frame is not None:
        approved = messages.frame.filter("approved").rename({"text": "response"})
        own.append(_joining(_few(approved, ["response"], seed), "response"))
    return _mixed(own, (pairs, messages), public, SFT_COLUMNS, settings, seed)


def find_preferences(folder: Path, settings: RmSettings, seed: int, skip_bad_rows: bool = False) -> TextData:
    """Find pairs of a better and a worse answer.

    Two messages of the company make a pair where both suit one brief, one approved and one rejected.

    Args:
        folder: The data folder.
        settings: rm.yaml.
        seed: Another seed, other pairs of the grammar and another choice of public ones.
        skip_bad_rows: Leave out rows of the company's files that cannot be used, and count them.

    Raises:
        TableError: a row of the company's files cannot be used, as where chosen = rejected.
        InputError: a file holds nothing to learn from.
        ArtifactError: a prepared set was altered.
        ConfigError: nothing but public pairs is wanted.
    """
    pairs, messages = own_pairs(folder, skip_bad_rows), own_messages(folder, skip_bad_rows)
    public = _public(folder, "preferences", ("chosen", "rejected"), settings)
    own = []
    if pairs.frame is None:
        own.append(_of_grammar(preferences, settings, seed))
    else:
        own.append(_parted(pairs.frame, "prompt", OWN_PAIRS))
    if messages.frame is not None:
        own.append(_joining(_reviewed(messages.frame, seed), "chosen"))
    return _mixed(own, (pairs, messages), public, RM_COLUMNS, settings, seed)


@dataclass(frozen=True, slots=True)
class _Parts:
    train: pl.DataFrame
    valid: pl.DataFrame
    words: str


def _of_grammar(write: Write, settings: TrainingSettings, seed: int) -> _Parts:
    looked_at = min(MOST_VALIDATION, max(1, round(settings.pairs * _VALIDATION_SHARE)))
    source = pl.lit(GRAMMAR).alias("source")
    train = write("train", settings.pairs, seed).with_columns(source)
    valid = write("validation", looked_at, seed).with_columns(source)
    return _Parts(train, valid, f"{settings.pairs:,} pairs are the grammar's, seed {seed}.")


def _parted(frame: pl.DataFrame, key: str, source: str) -> _Parts:
    """Take a tenth of the texts under a key for validation, at least one; each by a draw of its own."""
    draws = {text: chance(text, source.encode()) for text in frame[key].unique().to_list()}
    if len(draws) < 2:
        raise InputError(
            f"{source} have {len(draws)} different {key}, wanted at least 2: one to learn from, one to "
            "look at. Add some, or take the file away"
        )
    most = max(_VALIDATION_SHARE, min(draws.values()))
    looked_at = [text for text, draw in draws.items() if draw <= most]
    # Of two or three texts all may be drawn: the last one is learned from.
    looked_at = sorted(looked_at, key=draws.__getitem__)[: len(draws) - 1]
    is_valid = pl.col(key).is_in(looked_at)
    named = frame.with_columns(pl.lit(source).alias("source"), pl.lit(source).alias("kind"))
    train, valid = named.filter(~is_valid), named.filter(is_valid)
    return _Parts(train, valid, f"{train.height:,} pairs are {source}, {valid.height:,} more are looked at.")


def _joining(frame: pl.DataFrame, key: str) -> _Parts:
    """Take the company's messages, if they are enough for both sides: others are there beside them."""
    if frame[key].n_unique() > 1:
        return _parted(frame, key, OWN_MESSAGES)
    schema = frame.schema | {"source": pl.String(), "kind": pl.String()}
    empty = pl.DataFrame(schema=schema)
    return _Parts(empty, empty, f"{OWN_MESSAGES} give fewer than 2 different {key} and are not used.")


def _few(frame: pl.DataFrame, by: Sequence[str], seed: int) -> pl.DataFrame:
    """Keep a few prompts of each answer, by a draw that belongs to both."""
    turns = _turns(frame, ["prompt", *by], seed)
    return frame.with_columns(turns).sort("turn").group_by(by, maintain_order=True).head(BRIEFS_OF_A_MESSAGE)


def _reviewed(messages: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Pair each approved message with each rejected one that suits the same briefs."""
    approved = messages.filter("approved").select("prompt", pl.col("text").alias("chosen"))
    rejected = messages.filter(~pl.col("approved")).select("prompt", pl.col("text").alias("rejected"))
    both = approved.join(rejected, on="prompt").filter(pl.col("chosen") != pl.col("rejected"))
    return _few(both, ["chosen", "rejected"], seed)


def _public(folder: Path, name: str, answers: tuple[str, ...], settings: TrainingSettings) -> Public | None:
    if settings.public_share >= 1:
        raise ConfigError(
            f"public_share is {settings.public_share}, wanted below 1: a model that never saw a brief cannot "
            "answer one"
        )
    return public_pairs(folder, name, answers, settings.max_tokens) if settings.public_share else None


def _mixed(
    own: Sequence[_Parts],
    files: Sequence[Found],
    public: Public | None,
    columns: Sequence[str],
    settings: TrainingSettings,
    seed: int,
) -> TextData:
    train = pl.concat([parts.train.select(columns) for parts in own])
    valid = pl.concat([parts.valid.select(columns) for parts in own])
    used = [found.words for found in files] + [parts.words for parts in own]
    left_out: Counter[str] = Counter()
    for found in files:
        left_out.update(found.left_out)
    apart: dict[str, pl.DataFrame] = {}
    if public is None:
        used.append("No public pair is wanted: public_share is 0.")
    else:
        wanted = round(train.height * settings.public_share / (1 - settings.public_share))
        chosen = _drawn(public.train, wanted, seed)
        used.append(f"{public.words} {chosen.height:,} of them are learned from, {wanted:,} are wanted.")
        train = pl.concat([train, chosen.select(columns)])
        left_out.update(public.left_out)
        apart = {
            str(source): _drawn(part, MOST_VALIDATION, seed)
            for (source,), part in public.valid.group_by("source", maintain_order=True)
        }
    order = np.random.default_rng(seed).permutation(train.height)
    return TextData(train[order], valid, apart, tuple(used), +left_out)


def _drawn(frame: pl.DataFrame, n: int, seed: int) -> pl.DataFrame:
    """Give n rows, or all there are, each by its own draw; of public pairs the source is the kind."""
    named = frame.with_columns(pl.col("source").alias("kind"))
    texts = [column for column in frame.columns if column != "source"]
    return named.with_columns(_turns(frame, texts, seed)).sort("turn").head(n).drop("turn")


def _turns(frame: pl.DataFrame, texts: Sequence[str], seed: int) -> pl.Series:
    key = str(seed).encode()
    # No text holds NUL, so it parts them without doubt.
    return pl.Series(
        "turn", [chance("\0".join(row), key) for row in frame.select(texts).iter_rows()], pl.Float64
    )
