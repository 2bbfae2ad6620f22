"""Plain sentences that share their words with forbidden ones: no class of wording may find any of them."""

PLAIN = """
just reply and tell us how you like your plan
no reply is needed if all is well
if you do not like something, please tell us
you can ignore this if everything is fine
we would like to know what other things you need
is there anything that you would change about your plan
please tell us before you go on holiday how we can help
thank you for your answer last month
we will look into it and write back to you soon
reply to this email and we take care of the rest
how is the service at your place
we hope that you and your plan get on well
we would be grateful for a word from you
we noticed that you have been with us for a while
we know that you have a choice
the offer is yours if you would like it
your next bill will be lower by that much
if you would like to leave it as it is, that is fine
are you happy with your line and with our support
tell us what matters most to you
we are always glad to hear from you
take your time and reply when it suits you
"""
"""Folded, in lower case and without a name, one a line."""


def lines(block: str) -> list[str]:
    """Split a block of sentences."""
    return block.strip("\n").split("\n")
