"""Burdens: wordings not in mind when the classes were written, and plain ones."""

import pytest

from churn_saver.domain.manners_reproach import REPROACH
from tests.wordings import PLAIN, lines

BLAMED = """
is one line really so much to ask
after we have cared for you so long
what do we get in return
is this how you thank us
we bent over backwards for you
we counted on you
it would sadden our team
our agent still asks after you
think of the people behind your line
somebody could lose their job
good customers do not look around
we had taken you for one of us
we expected better from you
you went behind our backs
surely you can write a line
a good neighbour would at least have answered
anybody might have expected some courtesy
you did not even spare a word
you simply used us, then
we are disappointed in you
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
"""


@pytest.mark.parametrize("text", lines(BLAMED))
def test_reproach_is_found(text: str) -> None:
    """What the reader owes, and whom the reader hurts."""
    assert REPROACH.search(text)


@pytest.mark.parametrize("text", lines(PLAIN + KIND.lstrip()))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert REPROACH.search(text) is None
