"""Disdain: wordings not in mind when the class was written, and plain ones."""

import pytest

from churn_saver.domain.manners_disdain import DISDAIN
from tests.wordings import PLAIN, lines

LOOKED_DOWN = """
you are not the sharpest, it seems
which word did you not understand
can you even read
learn to read
calm down, please
stop being so childish
customers like you cost us a lot
people such as you never answer
your questions are boring
what a fuss you make
such a nuisance
you penny-pincher
this is too difficult for you
ask a grown-up
do us a favour
good riddance
you are by far our most tiring household
look who is back
what a cute face
"""
KIND = """
thanks to customers like you we get better
we are happy to have customers like you
what do you think of the plan
we think of our customers first
it would be a pity to lose you
we are sorry to hear that
which part of your plan do you use most
is the bill too complicated
our team is happy to hear from you
you can count on us
we do not take your loyalty for granted
if we disappointed you, tell us why
the discount will come off your next bill
at whatever pace you like
"""


@pytest.mark.parametrize("text", lines(LOOKED_DOWN))
def test_disdain_is_found(text: str) -> None:
    """The reader's wits, manners and worth."""
    assert DISDAIN.search(text)


@pytest.mark.parametrize("text", lines(PLAIN + KIND.lstrip()))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert DISDAIN.search(text) is None
