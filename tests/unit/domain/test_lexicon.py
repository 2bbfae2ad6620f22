"""The lexicon: every pattern that is looked for only after a hint holds one of its hints."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from churn_saver.domain import lexicon, manners

HINTED = {
    "PRESSURE": (manners.PRESSURE, manners.PRESSURE_HINTS),
    "INSULT": (manners.INSULT, manners.INSULT_HINTS),
    "PRIVATE": (manners.PRIVATE, manners.PRIVATE_HINTS),
    "LONGER": (lexicon.LONGER, lexicon.LONGER_HINTS),
    "PROMISE": (lexicon.PROMISE, lexicon.PROMISE_HINTS),
    "DISCOUNT": (lexicon.DISCOUNT, lexicon.DISCOUNT_HINTS),
    "SPOKEN_LINK": (lexicon.SPOKEN_LINK, lexicon.SPOKEN_LINK_HINTS | {"bitly"}),
}


@pytest.mark.parametrize("name", HINTED)
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_match_without_a_hint(name: str, data: st.DataObject) -> None:
    """Whatever a pattern matches has one of its hint words, so that the quick look hides nothing."""
    pattern, hints = HINTED[name]
    matched = data.draw(st.from_regex(re.compile(pattern.pattern, re.ASCII), fullmatch=True))
    words = set(re.findall(r"[a-z]+(?:'[a-z]+)?", matched))

    assert words & hints


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("see acme.example.", True),
        ("see https://www.acme.example/help, please", True),
        ("write to care@acme.example!", True),
        ("see acme.example.evil.io", False),
        ("see notacme.example", False),
        ("see acme.example@evil.io", False),
        ("see acme.example/50", False),
        ("see evil.io/acme.example", False),
    ],
)
def test_the_company_s_domain_ends_where_it_ends(text: str, own: bool) -> None:
    """Its subdomains and addresses are the company's; what only contains it is not."""
    assert (re.search(lexicon.own_domain("Acme.Example"), text) is not None) is own


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("+1 800 555 0100", True),
        ("1(800)555.0100", True),
        ("21 800 555 0100", False),
        ("1 800 555 01001", False),
    ],
)
def test_the_company_s_phone_is_the_whole_number(text: str, own: bool) -> None:
    """Spacing does not matter, further digits do."""
    assert (re.search(lexicon.own_phone("+1 800 555 0100"), text) is not None) is own
