"""What the same text takes back, in wordings not seen before, and plain sentences."""

import pytest

from churn_saver.domain.manners_denials import DENIED, UNANSWERED
from tests.wordings import PLAIN, lines

TAKEN_BACK = """
sadly this discount is over
you will pay the full amount
the offer no longer applies
we cannot give you any discount
your bill will not change
there is no reduction for you
this offer is not for you
it was withdrawn
you are not eligible for it
your bill stays the same
the discount does not count
nothing comes off your bill
you get it even if you do not reply
we will put 15% on top of your bill
your bill rises by ten per cent
the sum stays exactly as before
unless our manager says no
it may be withdrawn, we reserve the right to it
only kidding
your bill will be 10% higher
"""
UNWANTED = """
please do not reply to this message
replies are deleted unread
nobody reads what you send
this mailbox is not monitored
we cannot accept answers
your contract has ended
you are no longer our customer
goodbye, we were glad to have you
"""
AS_IT_IS = """
your plan stays exactly the same, only the bill is lower
nothing changes on your plan
your offer stays open until then
we do not take you for granted
no reply needed
if you do not like it, tell us
"""


@pytest.mark.parametrize("text", lines(TAKEN_BACK))
def test_a_denied_offer_is_found(text: str) -> None:
    """It ended, does not apply, changes nothing, or makes the bill higher."""
    assert DENIED.search(text)


@pytest.mark.parametrize("text", lines(UNWANTED))
def test_an_unwanted_answer_is_found(text: str) -> None:
    """Nobody would read it, or the reader is told to be no customer."""
    assert UNANSWERED.search(text)


@pytest.mark.parametrize("text", lines(PLAIN + AS_IT_IS.lstrip()))
def test_plain_sentences_are_left_alone(text: str) -> None:
    """What a company writes on a good day, with the same nouns and verbs."""
    assert [one.search(text) for one in (DENIED, UNANSWERED)] == [None] * 2
