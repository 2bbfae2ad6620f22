"""Classes of wording: sentences of each class that were not in mind when it was written, and plain ones."""

import pytest

from churn_saver.domain.manners_grammar import CONTEMPT, GUILT, HURRY, PRESSING, THREAT
from tests.wordings import PLAIN, lines

HURRIED = """
please respond right away, will you
make up your mind before the evening is over
you have until noon and not a second more
grab it while it is still there
such a chance comes only once
the clock does not stand still
it will be snatched up within hours
reply this instant
this door shuts soon
tomorrow will be too late for you
take it before it disappears
accept it at once
there is hardly any time left
"""
THREATENED = """
should you not answer, your line may be restricted
if we hear nothing from you, we will close your account
people who quit usually come back begging
without your answer we will block the number
leaving now would be expensive for you
we will pass your case to an agency
you will see what happens when you switch
walk out and you will pay dearly
we can make your life very hard
if you decide to leave, we will charge a fine
think again before you turn us down
your connection could get worse without a reply
"""
BLAMED = """
your neighbours have all said yes
a decent person would write back
everybody else has thanked us
you broke our hearts by looking elsewhere
we sacrificed so much for you
most customers would be glad of it
we feel betrayed by you
it makes our team sad that you are so quiet
how can you treat us like this
my manager will be upset when you go
you never answer us, and that hurts
do we mean nothing to you
"""
DESPISED = """
are you too slow to read this
even a child would understand it
we honestly do not care about you
stop moaning and reply
what is wrong with you
you are such a bore
you should be grateful that we write at all
use your head and reply
nobody here cares what you want
your constant grumbling tires us
get a grip and answer
you sound confused as always
"""


@pytest.mark.parametrize("text", lines(HURRIED))
def test_a_hurrying_time_is_found(text: str) -> None:
    """Times other than the last day, and shortages."""
    assert HURRY.search(text)


@pytest.mark.parametrize("text", lines(THREATENED))
def test_a_threat_is_found(text: str) -> None:
    """Consequences of silence or of leaving, and their means."""
    assert THREAT.search(text)


@pytest.mark.parametrize("text", lines(BLAMED))
def test_blame_is_found(text: str) -> None:
    """Comparisons with others, and burdens."""
    assert GUILT.search(text)


@pytest.mark.parametrize("text", lines(DESPISED))
def test_contempt_is_found(text: str) -> None:
    """The reader is stupid, a burden or nobody."""
    assert CONTEMPT.search(text)


@pytest.mark.parametrize("text", lines(PLAIN))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert [one.search(text) for one in (*PRESSING, CONTEMPT)] == [None] * 4
