"""The form of a draft: what the runtime may write, read by a small automaton that knows nothing of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.live_form import form_of
from churn_saver.data.retention_texts import responses
from churn_saver.domain.briefs import Brief, every_brief, prompt_of
from churn_saver.domain.slots import SLOTS, Context

OFFERED = Brief(Context(10, "long", "one year", has_name=True), "warm")
NAMELESS = Brief(Context(0, "unstated", None, has_name=False), "plain")
SYMBOL = re.compile(r'"[^"]*"|\[(?:[^\]\\]|\\.)*\]|[\w-]+')
Place = tuple[str, ...]
"""Symbols that are still to be read."""


class Automaton:
    """Reads a grammar of letters, literals and rules that call each other at their end."""

    def __init__(self, grammar: str) -> None:
        """Take the rules apart."""
        named = [line.split(" ::= ") for line in grammar.splitlines()]
        self.rules = {name: [tuple(SYMBOL.findall(way)) for way in body.split(" | ")] for name, body in named}

    def fits(self, text: str) -> bool:
        """Say whether all of a text is one of the grammar's."""
        places = self._opened({("root",)})
        for letter in text:
            places = self._opened({found for place in places for found in self._read(place, letter)})
        return () in places

    def _opened(self, places: set[Place]) -> set[Place]:
        """Put ways in the place of rules, until each place begins with what is to be read."""
        found, todo = set[Place](), list(places)
        while todo:
            place = todo.pop()
            if place and place[0] == '""':
                todo.append(place[1:])
            elif place and place[0] in self.rules:
                todo += [(*way, *place[1:]) for way in self.rules[place[0]]]
            else:
                found.add(place)
        return found

    @staticmethod
    def _read(place: Place, letter: str) -> list[Place]:
        if not place:
            return []
        first, *behind = place
        if first.startswith("["):
            return [tuple(behind)] if re.fullmatch(first, letter) else []
        return [(f'"{first[2:]}', *behind)] if first[1] == letter else []


@pytest.mark.parametrize(
    ("draft", "fits"),
    [
        ("Hi {name}, take {offer} off until {valid_until}. Reply YES.", True),
        ("{valid_until}: {offer} for {name}", True),
        ("Hi {name}, {name}! {tenure} on your {plan}? {offer} off {duration}... by {valid_until}", True),
        ("Hi, take {offer} off your bill.", True),  # neither name nor last day: the shield stops it
        ("Hi {name}, take {offer} off until {valid_until}.\nReply YES.", False),
        ("Hi {name}, take {offer} off until {valid_until}.Reply YES.", False),
        ("Hi {name}, this is for you.{offer} off until {valid_until}.", False),
        ("Hi {name}, take {offer} off until {valid_until}. See acme.com", False),
        ("Hi {name}, take {offer} off until {valid_until}. {price}", False),
        ("Hi {name}, take {offer} off until {valid_until}. {", False),
        ("Hi {name}, take {offer} off until {valid_until}.<|im_start|>", False),
        ("", True),
    ],
)
def test_drafts_with_an_offer_by_hand(draft: str, fits: bool) -> None:
    """Every slot that is named, as often and in whatever order it likes, in one line of sentences."""
    assert Automaton(form_of(OFFERED)).fits(draft) == fits


@pytest.mark.parametrize(
    ("draft", "fits"),
    [
        ("Hello, your {plan} is fine. Need help? Reply!", True),
        ("Hello — it’s fine…", True),
        ("Hello {name}, your {plan} is fine.", False),
        ("Hello, take {offer} off.", False),
        ("Hello, {tenure} is long.", False),
    ],
)
def test_drafts_for_nobody_by_hand(draft: str, fits: bool) -> None:
    """Slots without a fact cannot be written, and letters of every language can."""
    assert Automaton(form_of(NAMELESS)).fits(draft) == fits


def test_every_draft_that_is_taught_fits() -> None:
    """The grammar of training texts writes nothing that the runtime could not write."""
    briefs = {prompt_of(brief): brief for brief in every_brief()}
    forms = {prompt: Automaton(form_of(brief)) for prompt, brief in briefs.items()}
    taught = responses("train", 300, seed=3).select("prompt", "response").rows()
    strange = [draft for prompt, draft in taught if not forms[prompt].fits(draft)]

    assert strange == []


PIECES = [
    *(f"{{{slot}}}" for slot in SLOTS),
    "Hi",
    " ",
    ".",
    "!",
    "?",
    ",",
    "’",
    "7",
    "\n",
    "{",
    "}",
    "<",
    "é",
]


@given(st.sampled_from(list(every_brief())), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_fits_is_what_the_rules_say(brief: Brief, draft: str) -> None:
    """Against regular expressions, one for each line of the rules."""
    named = "|".join(brief.slots)
    whole = re.fullmatch(r"([^{}<>\n]|\{(" + named + r")\})*", draft) is not None
    spaced = re.search(r"[.!?][^.!? ]", draft) is None

    assert Automaton(form_of(brief)).fits(draft) == (whole and spaced)
