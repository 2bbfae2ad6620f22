"""Wrong channels, strange names, notes left in, links without an address; and keywords asked for."""

import pytest

from churn_saver.domain.manners_form import (
    KEYWORD,
    LEFTOVER,
    LEFTOVER_SIGNS,
    ONE_YES,
    OTHER_CHANNEL,
    POINTER,
    SPOKEN_ADDRESS,
    STRANGE_NAME,
)
from tests.wordings import PLAIN, lines

NOTES = """
Hi Xx, thanks for XX months with us
Hi Xx, we thank you. (Editor: add the offer)
Hi Xx, thank you for ... months
Subject: your plan
Sure, here is the message
Hi Xx, do not send this
We are glad, as an AI language model
Hi Xx, your first name here
thank you for n months with us
Hi Xx, ____ off
"""
POINTED = """
scan the qr code
click the button below
follow the link in our letter
click here to accept
see the attached form
more on our website
find us on instagram
enter your code
"""


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("sms", "please reply to this email"),
        ("sms", "please answer this short e-mail"),
        ("sms", "reply to our email"),
        ("sms", "answer this letter"),
        ("push", "answer this email"),
        ("push", "reply to this text"),
        ("push", "reply to this text message"),
        ("email", "reply to this text"),
        ("email", "answer this sms"),
        ("email", "text us back"),
        ("email", "open this notification"),
    ],
)
def test_another_channel_is_found(channel: str, text: str) -> None:
    """A text that calls itself what it is not."""
    assert OTHER_CHANNEL[channel].search(text)


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("email", "reply to this email"),
        ("email", "we are an email away"),
        ("sms", "or write an email to us"),
        ("sms", "you may also use email"),
        ("sms", "answer this text or text us back"),
        ("sms", "reply to this message"),
        ("push", "reply to this message"),
        ("push", "we read your emails and texts"),
        ("email", "we could write a long letter"),
    ],
)
def test_its_own_channel_and_another_one_offered_pass(channel: str, text: str) -> None:
    """To write an email is open to everyone."""
    assert OTHER_CHANNEL[channel].search(text) is None


@pytest.mark.parametrize(
    "text", ["Yours, Karen", "in Oldtown since then", "as with Vodanet", "say Hello Peter"]
)
def test_a_strange_name_is_found(text: str) -> None:
    """A capital inside a sentence."""
    assert STRANGE_NAME.search(text)


@pytest.mark.parametrize(
    "text",
    ["Hi Xx, I am here. You too? Best wishes, Your Team", "by Friday, 5 May 2027. Thanks", "your Wi-Fi"],
)
def test_other_capitals_pass(text: str) -> None:
    """Days, months, polite forms and beginnings of sentences."""
    assert STRANGE_NAME.search(text) is None


@pytest.mark.parametrize("text", lines(NOTES))
def test_what_was_left_in_is_found(text: str) -> None:
    """Notes to a writer, words of a program, gaps."""
    assert LEFTOVER.search(text) or LEFTOVER_SIGNS.search(text)


@pytest.mark.parametrize("text", lines(POINTED))
def test_a_link_without_an_address_is_found(text: str) -> None:
    """Buttons, codes and pages that a text does not have."""
    assert POINTER.search(text)


@pytest.mark.parametrize("text", ["see us at good (dot) example", "good dot example", "example slash offer"])
def test_a_spelled_address_is_found(text: str) -> None:
    """Said in words."""
    assert SPOKEN_ADDRESS.search(text)


@pytest.mark.parametrize("text", lines(PLAIN))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day."""
    assert [one.search(text) for one in (LEFTOVER, POINTER, SPOKEN_ADDRESS, STRANGE_NAME)] == [None] * 4


@pytest.mark.parametrize(
    "text",
    [
        "Reply YES to accept",
        "Text YES",
        "just answer YES",
        "send us a YES",
        'reply "YES" by then',
        "with a YES",
    ],
)
def test_a_keyword_is_no_shouting(text: str) -> None:
    """After a verb of answering, or as a noun."""
    assert KEYWORD.search(text)


@pytest.mark.parametrize("text", ["reply YES YES YES", "YES, it is yours", "reply NOW"])
def test_other_capitals_are(text: str) -> None:
    """Neither a row of them, nor a cry, nor any word."""
    assert KEYWORD.search(text) is None


def test_one_yes_may_stand_apart() -> None:
    """Once, and not as a cry."""
    assert ONE_YES.search("one word, YES, is enough")
    assert ONE_YES.search("one word, YES! It is yours") is None
    assert ONE_YES.search("YES or YES") is None
