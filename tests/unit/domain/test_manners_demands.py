"""Quiet pressure and quiet threats: wordings not in mind when the classes were written, and plain ones."""

import pytest

from churn_saver.domain.manners_demands import CONSEQUENCE, NAGGING
from tests.wordings import PLAIN, lines

NAGGED = """
why have you not answered yet
you have not replied to us
what is holding you back?
this is the third letter about it
we have asked you twice
make up your mind
you had better answer soon
whoever writes first gets it
only the quickest will have it
somebody else wants it
a limited number is left
do not close this before you have answered
you would regret it bitterly
it is your one and only chance
decide before lunch
we need you to sign today
your seat will be given away
that slot is about to be released
"""
MENACED = """
answer, or we close your account
say yes, or your line goes dead
reply, or expect a call from our lawyers
otherwise your bill will go up
otherwise do not be surprised at the price
do not blame us
you have been warned
our patience has limits
if you go, your number is lost
leave and you will see
your signal may get weaker
you might find it hard to come back
we will move you to a slower line
your contacts would be deleted, we delete the data
somebody will knock at your door
we put a note in your file
a word of caution
those who leave rarely come back
"""
KIND = """
reply, or call us if you prefer
otherwise we would be glad to hear from you
if not, we would like to know why
if you leave it as it is, that is fine
tell us before you make up your mind
we would be sorry to see you go
the end of the contract is up to you
is it easy to find your way around the bill
if you find something hard to use, tell us
take your time, there is no rush at all
the offer may be of use to you
we will get in touch when you have answered
is everything fine with your line
"""


@pytest.mark.parametrize("text", lines(NAGGED))
def test_nagging_is_found(text: str) -> None:
    """An answer asked for again, a race, a shortage."""
    assert NAGGING.search(text)


@pytest.mark.parametrize("text", lines(MENACED))
def test_a_price_of_silence_is_found(text: str) -> None:
    """What happens otherwise, and to those who leave."""
    assert CONSEQUENCE.search(text)


@pytest.mark.parametrize("text", lines(PLAIN + KIND.lstrip()))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert [one.search(text) for one in (NAGGING, CONSEQUENCE)] == [None] * 2
