"""Plain sentences for every context: the first rung of wording, and the last resort of every other.

Each draft thanks or asks, says what is decided, and names one next step. None presses, and none
promises what nobody decided. A discount is always stated whole: how much, off which bill, until
which day. This module does not know any customer and does not judge its own sentences.

The drafts marked short are all that a text message takes: it is paid for by 160 characters. On a channel
that has an opt-out line every draft ends with it.
"""

from functools import cache

from churn_saver.domain.slots import OPT_OUT_LINE, Context, Facts

_REPLY = {"email": "reply to this email", "sms": "reply to this message", "push": "reply to this message"}

# `@reply` stands for the channel's next step; a capital R follows a full stop.
_OFFER_SHORT = (
    "here is {offer} off {duration}. @Reply by {valid_until} to use it.",
    "we would like to take {offer} off {duration}. @Reply by {valid_until}.",
    "please enjoy {offer} off {duration}: simply @reply by {valid_until}.",
)
_OFFER = (
    "thank you for being with us. @Reply by {valid_until} and we will take {offer} off {duration}.",
    "please take {offer} off {duration} on your {plan}: @reply by {valid_until}.",
)
_OFFER_TENURE_SHORT = (
    "thank you for {tenure} with us. For {offer} off {duration}, @reply by {valid_until}.",
)
_OFFER_TENURE = {
    "new": ("it is good to have you with us. Here is {offer} off {duration}: just @reply by {valid_until}.",),
    "settled": ("you have been with us for {tenure}. Take {offer} off {duration}: @reply by {valid_until}.",),
    "long": ("you have trusted us for {tenure}. Enjoy {offer} off {duration}: @reply by {valid_until}.",),
}
_CARE_SHORT = (
    "how is your {plan} working for you? Please @reply.",
    "can we do anything better for you? Just @reply and let us know.",
    "we would like to hear how your {plan} is going. Please @reply.",
)
_CARE = (
    "thank you for being with us. If your {plan} could be better, @reply and tell us.",
    "we are here to help with your {plan}. If you have a question, just @reply.",
)
_CARE_TENURE_SHORT = ("thank you for {tenure} with us. How is it going? Please @reply.",)
_CARE_TENURE = {
    "new": ("it is good to have you with us for {tenure}. If anything is still unclear, just @reply.",),
    "settled": ("you have been with us for {tenure}. What could we do better? Please @reply and tell us.",),
    "long": ("you have trusted us for {tenure}. Is your {plan} still right for you? Please @reply.",),
}


def candidates(facts: Facts, channel: str = "email") -> tuple[str, ...]:
    """Give the drafts for the facts; every one can be filled from them."""
    return drafts(Context.of(facts, channel))


@cache
def drafts(context: Context) -> tuple[str, ...]:
    """Give the drafts of a context, with slots; the short ones come last."""
    greeting = "Hi {name}, " if context.has_name else "Hello, "
    opt_out = OPT_OUT_LINE.get(context.channel, "")
    return tuple(greeting + _spoken(body, context.channel) + opt_out for body in _bodies(context))


def _bodies(context: Context) -> list[str]:
    discount = context.offer_percent > 0
    bodies: list[str] = []
    if context.channel != "sms":
        bodies += _OFFER if discount else _CARE
        bodies += (_OFFER_TENURE if discount else _CARE_TENURE).get(context.tenure, ())
    if context.tenure != "unstated":
        bodies += _OFFER_TENURE_SHORT if discount else _CARE_TENURE_SHORT
    return [*bodies, *(_OFFER_SHORT if discount else _CARE_SHORT)]


def _spoken(body: str, channel: str) -> str:
    step = _REPLY[channel]
    return body.replace("@reply", step).replace("@Reply", step.capitalize())
