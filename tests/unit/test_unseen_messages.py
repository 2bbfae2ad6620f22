"""The sets by strangers to the shield: whole, unaltered, no copies, found no worse than before.

The floors are no goals: a change of the shield must not lose recall, nor block more good messages, unnoticed.
They are what was measured after the shield was mended on a set, less a little. The figures for unseen
messages are the first measurements; these and the floors stand in docs/metrics.md, and must be altered in
both places. A set without an entry in EXPECTED is measured by the benchmark alone.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from churn_saver.config import environment
from churn_saver.domain.names import clean_name
from churn_saver.opening import read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.shield import Rules, violations
from tests.planted.reading import FOLDER, SETS, Planted, bad_by_strangers, bad_messages, good_by_strangers

METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


@dataclass(frozen=True, slots=True)
class Expected:
    """What one of the sets holds, and how the shield may fare on it."""

    bad: int
    good: int
    least_of_a_kind: int
    recall: float
    """Floor."""
    false_blocks: float
    """Ceiling."""
    settled: frozenset[str]
    """Kinds of fault that were all found at the first measurement, by comparison with the facts."""
    kinds: int = 22


SETTLED = frozenset({"wrong_number", "wrong_date", "missing_name", "missing_offer", "missing_opt_out"})
EXPECTED = {
    # First 203 of 300 found (.677) and 15 of 300 blocked (.050); 300 and none after mending, in-sample.
    "unseen": Expected(300, 300, 5, 0.99, 0.01, SETTLED | {"wrong_duration"}),
    # First 168 of 200 found (.840) and 43 of 300 blocked (.143); 200 and none after mending, in-sample.
    "fresh": Expected(200, 300, 8, 0.99, 0.01, SETTLED | {"wrong_duration"}),
    # First 179 of 200 found (.895) and 38 of 300 blocked (.127), with the rule for texts that nobody reviews.
    "third": Expected(200, 300, 2, 0.98, 0.01, SETTLED, 30),
}
each_set = pytest.mark.parametrize("name", [name for name in SETS if name in EXPECTED])


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        ("unseen_bad.jsonl", "cee4369bd98dc25b71638db72de3ac00d2c05519267e77e32397aec26a93086c"),
        ("unseen_good.jsonl", "02fc4132c7ba1db436ed122ffeaeceee603936c7fa1c93957c34d9f72feb1950"),
        ("fresh_bad.jsonl", "10306f639ba24ea6c90b7ae3362ca2abf0393312a1872907bbf7bc78d769bff0"),
        ("fresh_good.jsonl", "6b4e2637d246891a4d11563622f5d841abbdb9a9b41b7e754a04d5687cb43a4c"),
        ("third_bad.jsonl", "aadf055cce1a965b4ed8348622253955abb83b8873c90d4bb0ce20a783754b22"),
        ("third_good.jsonl", "a5b1a4f9f973a95b907207a9ee6ff5b7019fa6a953042bea253c94012f493457"),
    ],
)
def test_the_sets_are_never_edited(name: str, sha256: str) -> None:
    """Bytes are those that were measured first; a new set is a new file."""
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == sha256


@each_set
def test_all_are_there_and_no_text_twice(name: str) -> None:
    """Bad ones are of 22 or more kinds with so many each at least; good ones have no fault."""
    bad, good, wanted = bad_by_strangers(name), good_by_strangers(name), EXPECTED[name]
    kinds = Counter(one.fault for one in bad)

    assert len(bad) == len({one.text for one in bad}) == wanted.bad
    assert len(good) == len({one.text for one in good}) == wanted.good
    assert len(kinds) == wanted.kinds
    assert min(kinds.values()) == wanted.least_of_a_kind
    assert {one.fault for one in good} == {""}


@each_set
def test_names_are_what_a_decision_would_hold(name: str) -> None:
    """Cleaning a name that the sets hold leaves it as it is."""
    names = {one.facts.name for one in (*bad_by_strangers(name), *good_by_strangers(name))} - {None}

    assert all(name and clean_name(name) == name for name in names)


@each_set
def test_no_bad_one_repeats_an_older_one(name: str) -> None:
    """With the name out, no two share 95 % or more of their words and figures."""
    older = [one for before in SETS[: SETS.index(name)] for one in bad_by_strangers(before)]

    assert _repeated(bad_by_strangers(name), [*bad_messages(), *older]) == []


def test_no_fresh_good_one_repeats_an_unseen_one() -> None:
    """The same for good ones: on those of the first set the shield was mended."""
    assert _repeated(good_by_strangers("fresh"), good_by_strangers("unseen")) == []


@each_set
def test_recall_and_false_blocks_are_not_worse_than_published(name: str) -> None:
    """Floors hold over the shipped configuration and classifier."""
    stopped = [_stopped(one) for one in bad_by_strangers(name)]
    blocked = [_stopped(one) for one in good_by_strangers(name)]

    assert sum(stopped) / len(stopped) >= EXPECTED[name].recall
    assert sum(blocked) / len(blocked) <= EXPECTED[name].false_blocks


@each_set
def test_what_the_facts_settle_is_always_found(name: str) -> None:
    """A wrong figure or day, a missing name, offer or opt-out line never passes."""
    settled = EXPECTED[name].settled
    missed = [one.text for one in bad_by_strangers(name) if one.fault in settled and not _stopped(one)]

    assert missed == []


@each_set
def test_the_floors_are_published(name: str) -> None:
    """Whoever lowers a floor also has to say so in the definitions."""
    lines = METRICS.read_text(encoding="utf-8").splitlines()
    recall = next(line for line in lines if line.startswith(f"| `{name}_recall`"))
    false_blocks = next(line for line in lines if line.startswith(f"| `{name}_false_blocks`"))

    assert f"Regression floor {_short(EXPECTED[name].recall)}," in recall
    assert f"regression ceiling {_short(EXPECTED[name].false_blocks)}." in false_blocks


@cache
def _rules(channel: str) -> Rules:
    _, serve, _ = read_settings(environment({}))
    judge, lacks = open_toxicity()
    if lacks:
        pytest.fail(str(lacks[0].fault))
    return Rules.of(serve.model_copy(update={"channel": channel}), judge)


@cache
def _stopped(one: Planted) -> bool:
    return bool(violations(one.text, one.facts, _rules(one.channel)))


def _words(one: Planted) -> frozenset[str]:
    text = one.text.replace(one.facts.name, "") if one.facts.name else one.text
    return frozenset(re.findall(r"\w+", text.casefold()))


def _repeated(new: list[Planted], known: list[Planted]) -> list[str]:
    """Give the new texts that share 95 % or more of their words with a known one."""
    sizes: dict[int, set[frozenset[str]]] = {}
    for one in known:
        sizes.setdefault(len(_words(one)), set()).add(_words(one))
    return [one.text for one in new if _is_alike(_words(one), sizes)]


def _is_alike(words: frozenset[str], sizes: dict[int, set[frozenset[str]]]) -> bool:
    # One with far more or far fewer words cannot share that many: not compared.
    near = [other for size, some in sizes.items() if 0.95 <= size / len(words) <= 1 / 0.95 for other in some]
    return any(len(words & other) >= 0.95 * len(words | other) for other in near)


def _short(share: float) -> str:
    return f"{share:.2f}".removeprefix("0")
