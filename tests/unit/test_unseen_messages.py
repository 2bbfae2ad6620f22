"""The unseen sets: whole, unaltered, no copies of the planted ones, found no worse than before.

The floors are no goals: they are what was measured after the shield was mended, less a little, so that a
change of it cannot lose recall unnoticed; the figure for unseen messages is what was measured first. Both
stand in docs/metrics.md, and must be altered in both places.
"""

import hashlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from churn_saver.config import environment
from churn_saver.domain.names import clean_name
from churn_saver.opening import read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.shield import Rules, violations
from tests.planted.reading import FOLDER, Planted, bad_messages, unseen_bad, unseen_good

RECALL_FLOOR = 0.99
"""Measured first: 203 of 300 (.677), the honest figure; 300 after mending, in-sample."""
FALSE_BLOCKS_CEILING = 0.01
"""Measured first: 15 of 300 (.050); none after mending, in-sample."""
FACTUAL = ("wrong_number", "wrong_date", "wrong_duration", "missing_name", "missing_offer", "missing_opt_out")
"""Kinds that a comparison with the facts settles: all were found at the first measurement."""
METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        ("unseen_bad.jsonl", "cee4369bd98dc25b71638db72de3ac00d2c05519267e77e32397aec26a93086c"),
        ("unseen_good.jsonl", "02fc4132c7ba1db436ed122ffeaeceee603936c7fa1c93957c34d9f72feb1950"),
    ],
)
def test_the_sets_are_never_edited(name: str, sha256: str) -> None:
    """Bytes are those that were measured first; a new set is a new file."""
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == sha256


def test_there_are_300_of_each_and_no_text_twice() -> None:
    """Bad ones are of 22 kinds with five or more each; good ones have no fault."""
    bad, good = unseen_bad(), unseen_good()
    kinds = Counter(one.fault for one in bad)

    assert len({one.text for one in bad}) == len({one.text for one in good}) == 300
    assert len(kinds) == 22
    assert min(kinds.values()) == 5
    assert {one.fault for one in good} == {""}


def test_names_are_what_a_decision_would_hold() -> None:
    """Cleaning a name that the sets hold leaves it as it is."""
    names = {one.facts.name for one in (*unseen_bad(), *unseen_good())} - {None}

    assert all(name and clean_name(name) == name for name in names)


def test_no_bad_one_repeats_a_planted_one() -> None:
    """With the name out, no two share 95 % or more of their words and figures."""
    known = {_words(one) for one in bad_messages()}
    fresh = {one.text: _words(one) for one in unseen_bad()}
    repeated = [text for text, words in fresh.items() if any(_alike(words, other) >= 0.95 for other in known)]

    assert repeated == []


def test_recall_and_false_blocks_are_not_worse_than_at_first() -> None:
    """Floors hold over the shipped configuration and classifier."""
    stopped = [_stopped(one) for one in unseen_bad()]
    blocked = [_stopped(one) for one in unseen_good()]

    assert sum(stopped) / len(stopped) >= RECALL_FLOOR
    assert sum(blocked) / len(blocked) <= FALSE_BLOCKS_CEILING


def test_what_the_facts_settle_is_always_found() -> None:
    """A wrong figure, day or duration, a missing name, offer or opt-out line never passes."""
    missed = [one.text for one in unseen_bad() if one.fault in FACTUAL and not _stopped(one)]

    assert missed == []


def test_the_floors_are_published() -> None:
    """Whoever lowers a floor also has to say so in the definitions."""
    text = METRICS.read_text(encoding="utf-8")

    assert f"Regression floor {_short(RECALL_FLOOR)}," in text
    assert f"regression ceiling {_short(FALSE_BLOCKS_CEILING)}." in text


@cache
def _rules(channel: str) -> Rules:
    _, serve, _ = read_settings(environment({}))
    judge, lacks = open_toxicity()
    if lacks:
        pytest.fail(str(lacks[0].fault))
    return Rules.of(serve.model_copy(update={"channel": channel}), judge)


def _stopped(one: Planted) -> bool:
    return bool(violations(one.text, one.facts, _rules(one.channel)))


def _words(one: Planted) -> frozenset[str]:
    text = one.text.replace(one.facts.name, "") if one.facts.name else one.text
    return frozenset(re.findall(r"\w+", text.casefold()))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _short(share: float) -> str:
    return f"{share:.2f}".removeprefix("0")
