"""Terms that nobody promised, knowledge of a customer: found in wordings not seen before."""

import pytest

from churn_saver.domain.manners_terms import KNOWING, TERMS
from tests.wordings import PLAIN, lines

STATED = """
your price will stay the same
we will send you a new router
you may cancel whenever you want
we beat any competitor
your rate is locked
our connection never drops
we pay back what you spent
we vow to stay the cheapest
your family gets the same
a tablet comes with it at no charge, or have your modem
you can leave without notice
we will fix your price for good
enter our contest for a trip
nobody in the market is as cheap, we have the lowest prices in the country
you go to the head of the queue
we have wiped out what you owe
bigger discounts come later
you will never wait again
our people are here around the clock
a concert ticket comes with netflix
your own personal adviser
"""
KNOWN = """
we saw that you searched for another provider
we noticed that you mostly watch sport
our records show that you called twice
we know you work at night
since you have two children, you need more
we heard that you are moving to another town
our system says that you will switch
congratulations on the wedding
we can see that you often travel
because you pay by card, we write
your browsing tells us a lot
you are about to cancel, we hear
your payment history looks good
you pay late now and then
is the line in your apartment fine
"""


@pytest.mark.parametrize("text", lines(STATED))
def test_terms_are_found(text: str) -> None:
    """Prices held, ways out, gifts, oaths."""
    assert TERMS.search(text)


@pytest.mark.parametrize("text", lines(KNOWN))
def test_knowledge_of_a_customer_is_found(text: str) -> None:
    """What somebody does, has or is about to do."""
    assert KNOWING.search(text)


@pytest.mark.parametrize("text", lines(PLAIN))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert [one.search(text) for one in (TERMS, KNOWING)] == [None] * 2
