"""The lexicon: opt-out lines, general bills, borrowed letters, and where the company's own ends."""

import re

import pytest

from churn_saver.domain import lexicon


@pytest.mark.parametrize(
    "text", ["reply stop to opt out", "reply yes to take it, stop to opt out", "text stop to end"]
)
def test_ways_to_leave_are_known(text: str) -> None:
    """The verb may stand before the answer that is asked for, and govern both words."""
    assert lexicon.OPT_OUT.search(text)


@pytest.mark.parametrize(
    "text", ["stop by", "do not reply stop to opt out", "yes to take it, stop to opt out"]
)
def test_other_sentences_are_no_way_to_leave(text: str) -> None:
    """Without a verb nobody knows what to do."""
    assert not lexicon.OPT_OUT.search(text)


@pytest.mark.parametrize(("text", "several"), [("off your bills", True), ("winter bills are no fun", False)])
def test_bills_as_such_are_told_from_several(text: str, several: bool) -> None:
    """A sentence about bills in general promises nothing."""
    assert (lexicon.SEVERAL_BILLS.search(text) is not None) is several


def test_words_with_borrowed_letters_are_counted() -> None:
    """One stands in an English text, two do not."""
    assert len(lexicon.ACCENTED.findall("a café")) == 1
    assert len(lexicon.ACCENTED.findall("Dziękujemy, że jesteś")) == 3


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
