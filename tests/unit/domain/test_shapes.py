"""Shapes: keys worked by hand, and the law that leaving shapes out alters no judgement."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from churn_saver.config import environment
from churn_saver.domain import lexicon, manners
from churn_saver.domain import manners_form as form
from churn_saver.domain.manners_demands import CONSEQUENCE, NAGGING
from churn_saver.domain.manners_denials import DENIED, UNANSWERED
from churn_saver.domain.manners_disdain import DISDAIN
from churn_saver.domain.manners_grammar import CONTEMPT, PRESSING
from churn_saver.domain.manners_reproach import REPROACH
from churn_saver.domain.manners_terms import KNOWING, TERMS
from churn_saver.domain.shapes import Shapes, any_of, derived, either, keys_of, split
from churn_saver.opening import open_bank
from tests.planted.reading import SETS, bad_by_strangers, bad_messages, good_by_strangers

GROUPS = (
    *PRESSING, NAGGING, CONSEQUENCE, REPROACH, CONTEMPT, DISDAIN, TERMS, KNOWING, DENIED, UNANSWERED,
    manners.HARMLESS, manners.PRESSURE, manners.INSULT, manners.PRIVATE, form.LEFTOVER, form.POINTER,
    form.SPOKEN_ADDRESS, *form.OTHER_CHANNEL.values(), lexicon.SPOKEN_LINK, lexicon.SEVERAL_BILLS,
    lexicon.LONGER, lexicon.PROMISE, lexicon.DISCOUNT,
)  # fmt: skip
WHOLE = tuple(re.compile("|".join(shape.pattern for shape in one.shapes)) for one in GROUPS)
"""The same without keys."""
ALL = Shapes.together(*GROUPS)


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        (r"\blaw\b", {"law"}),
        (r"\bhow (?:could|dare) you\b", {"could", "dare"}),
        (r"\byour neighbours?\b", {"neighbour", "neighbours"}),
        (r"\brepl(?:y|ied) at\b", {"at", "replied"}),
        (r"\bhesitat\w*", {"hesi*"}),
        (r"\bwaiting(?: so)* long", {"waiting"}),
        (r"\b[Nn]othing left\b", {"nothing"}),
        (r"\b(?<!do )sue(?! me)\b", {"sue"}),
        (r"\byou [^.!?]{1,9} sue\b", {"sue"}),
        (r"\b(?:you|your) bill\b", {"bill"}),
        (r"law\b", None),
        (r"\blaw", None),
        (r"\b(?:law|\w+ly)\b", None),
        (r"\b(?P<what>law)\b", None),
        (r"\*\w", None),
    ],
)
def test_keys_are_words_that_a_match_must_have(shape: str, keys: set[str] | None) -> None:
    """The first rare one of every way through a shape; None where some way has none."""
    found = derived(shape)

    assert found is None or re.search(shape, "x") is None
    assert (found if found is None else set(found)) == keys


def test_a_shape_is_tried_where_a_key_stands() -> None:
    """And found, from the beginning of a word only."""
    found = any_of(r"sue\b", r"law\b")

    assert found.search("we sue you")
    assert not found.search("an issue, a flaw")
    assert not found.search("we sue you", frozenset())


def test_alternatives_in_groups_are_no_shapes_of_their_own() -> None:
    """Bars in groups and classes divide nothing."""
    assert list(split(r"a|(?:b|c)d|[|]e|\|")) == ["a", "(?:b|c)d", "[|]e", r"\|"]


def test_every_shape_is_replaced_as_the_whole_pattern_would() -> None:
    """From the left, the first alternative first; a text without a key is left as it is."""
    found = either(r"\bone two\b|\btwo three\b")

    assert found.sub("&", "one two three", keys_of("one two three")) == "& three"
    assert found.sub("&", "three", keys_of("three")) == "three"


def test_few_shapes_are_tried_on_every_text() -> None:
    """Else nothing would be saved."""
    assert len([one for one in ALL.shapes if derived(one.pattern) is None]) <= 0.01 * len(ALL.shapes)


def test_no_judgement_is_altered_on_planted_messages_and_the_bank() -> None:
    """With keys and without, every group finds something in the same texts."""
    bank, _ = open_bank(environment({}))
    assert bank is not None
    texts = [one.text for one in bad_messages()] + [entry.text for entry in bank.entries[::40]]
    for name in SETS:
        texts += [one.text for one in (*bad_by_strangers(name), *good_by_strangers(name))]
    differing = [text for text in map(str.lower, texts) if _with_keys(text) != _without(text)]
    capitals = [
        text for one in (manners.HARMLESS, form.LEFTOVER) for text in texts
        if (one.search(text) is None) != (WHOLE[GROUPS.index(one)].search(text) is None)
    ]  # fmt: skip

    assert differing == capitals == []


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_judgement_is_altered_on_made_texts(data: st.DataObject) -> None:
    """Law: what some shape matches is found, whatever stands around it."""
    shape = data.draw(st.sampled_from(ALL.shapes))
    before, after = data.draw(st.sampled_from(("", " ", "we ", "a. "))), data.draw(st.text(max_size=9))
    text = before + data.draw(st.from_regex(re.compile(shape.pattern, re.ASCII))) + after

    assert shape.search(text) is None or Shapes([shape]).search(text)
    assert _with_keys(text) == _without(text)


def _with_keys(text: str) -> list[bool]:
    return [one.search(text, keys_of(text.lower())) is not None for one in GROUPS]


def _without(text: str) -> list[bool]:
    return [one.search(text) is not None for one in WHOLE]
