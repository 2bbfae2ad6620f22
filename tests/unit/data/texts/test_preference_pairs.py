"""The rules that every preference pair must pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.texts.gathering import BLANK, DUPLICATE, MARK, PREFERENCE_COLUMNS, Texts
from churn_saver.data.texts.preference_pairs import CONTRADICTORY, EQUAL, PreferencePairs, pair_key


def taken(*pairs: tuple[str, str, str]) -> Texts:
    """Take pairs of prompt, chosen, rejected."""
    found = PreferencePairs()
    for prompt, chosen, rejected in pairs:
        found.take(f"c-{prompt}", prompt, prompt, chosen, rejected)
    return found.texts()


def test_good_pairs_stay_in_their_order() -> None:
    """The same answer may win against many and lose to others."""
    texts = taken(("p", "b", "c"), ("p", "a", "b"), ("q", "b", "c"))

    assert texts.frame.columns == list(PREFERENCE_COLUMNS)
    assert texts.frame.row(0) == ("c-p", "p", "p", "b", "c")
    assert texts.frame.select("prompt", "chosen", "rejected").rows() == [
        ("p", "b", "c"), ("p", "a", "b"), ("q", "b", "c"),
    ]  # fmt: skip
    assert dict(texts.left_out) == {}


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (("p", "a", "a"), EQUAL),
        (("", "a", "b"), BLANK),
        (("p", "", "b"), BLANK),
        (("p", "a", ""), BLANK),
        (("Human: p", "a", "b"), MARK),
        (("p", "Human: a", "b"), MARK),
        (("p", "a", "b\nAssistant: c"), MARK),
    ],
)
def test_pair_that_teaches_nothing_is_left_out(pair: tuple[str, str, str], reason: str) -> None:
    """And counted."""
    texts = taken(pair)

    assert (texts.frame.height, dict(texts.left_out)) == (0, {reason: 1})


def test_pair_counts_once() -> None:
    """Three times the same is one pair and two duplicates."""
    assert dict(taken(*[("p", "a", "b")] * 3).left_out) == {DUPLICATE: 2}


def test_contradiction_takes_both_out() -> None:
    """Of a, b, a, b in turn two are contradictory and two are duplicates; others of the prompt stay."""
    texts = taken(("p", "a", "b"), ("p", "b", "a"), ("p", "a", "c"), ("p", "a", "b"), ("p", "b", "a"))

    assert texts.frame.select("chosen", "rejected").rows() == [("a", "c")]
    assert dict(texts.left_out) == {CONTRADICTORY: 2, DUPLICATE: 2}


LETTERS = st.sampled_from(["a", "b", "c", ""])


@given(st.lists(st.tuples(st.sampled_from(["p", "q"]), LETTERS, LETTERS)), st.data())
def test_nothing_is_lost_and_order_plays_no_part(
    pairs: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    """Pairs in = kept + left out; a set is the ruler for what is kept."""
    texts = taken(*pairs)
    again = taken(*data.draw(st.permutations(pairs)))
    expected = {
        (p, a, b) for p, a, b in pairs if a and b and a != b and (p, b, a) not in pairs
    }  # fmt: skip

    kept = texts.frame.select("prompt", "chosen", "rejected").rows()
    assert len(kept) + sum(texts.left_out.values()) == len(pairs)
    assert set(kept) == expected
    assert len(kept) == len(expected)
    assert dict(again.left_out) == dict(texts.left_out)
    assert again.frame.sort(PREFERENCE_COLUMNS).equals(texts.frame.sort(PREFERENCE_COLUMNS))


def test_key_tells_pairs_apart() -> None:
    """By each text, by where one ends, and by the key."""
    keys = {
        pair_key("a", "b", "c"),
        pair_key("a", "c", "b"),
        pair_key("ab", "", "c"),
        pair_key("", "ab", "c"),
        pair_key("a", "b", "c", b"7"),
    }

    assert len(keys) == 5
    assert {len(key) for key in keys} == {16}


def test_of_equal_pairs_the_least_id_holds_in_any_order() -> None:
    """The same pair under two posts: which line came first plays no part."""
    for ids in (("p2", "p1", "p3"), ("p1", "p3", "p2")):
        pairs = PreferencePairs()
        for one in ids:
            pairs.take(one, "root", "prompt", "better", "worse")

        texts = pairs.texts()
        assert texts.frame["conversation_id"].to_list() == ["p1"]
        assert texts.left_out == {DUPLICATE: 2}
