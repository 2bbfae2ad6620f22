"""Briefs: what a writer of drafts is told, a context and a tone, and the prompt that says it.

A brief names nobody: the writer, a person or a language model, leaves every fact to a slot. This
module knows which slots a brief may use. It does not know any draft, model or judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from zlib import crc32

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.slots import DURATION, NAME, OFFER, PLAN, PLANS, TENURE, VALID_UNTIL, Context
from churn_saver.errors import InputError

TONES = ("warm", "plain", "brief")
CHANNELS = ("email", "sms", "push")
TENURES = ("unstated", "new", "settled", "long")
_LEVELS = {0: "none", 5: "small", 10: "middle", 15: "large"}
"""How a prompt speaks of the offer: the figure itself stands in a slot."""
_CUSTOMERS = {
    "unstated": "customer",
    "new": "new customer",
    "settled": "settled customer",
    "long": "long-time customer",
}


@dataclass(frozen=True, slots=True)
class Brief:
    """One order to a writer."""

    context: Context
    tone: str

    def __post_init__(self) -> None:
        """Refuse what no prompt has words for."""
        context = self.context
        for name, value, known in (
            ("tone", self.tone, TONES),
            ("channel", context.channel, CHANNELS),
            ("tenure", context.tenure, TENURES),
            ("contract", context.contract, tuple(PLANS)),
            ("offer_percent", context.offer_percent, OFFER_PERCENTS),
        ):
            if value not in known:
                raise InputError(f"{name} is {value!r}, wanted one of {', '.join(map(str, known))}")

    @property
    def slots(self) -> tuple[str, ...]:
        """Name the slots that its facts have values for, as `domain.slots.slot_values`."""
        named = (NAME,) if self.context.has_name else ()
        tenured = (TENURE,) if self.context.tenure != "unstated" else ()
        discount = (OFFER, DURATION, VALID_UNTIL) if self.context.offer_percent else ()
        return (*named, *tenured, PLAN, *discount)


def prompt_of(brief: Brief) -> str:
    """Word a brief for a language model, without a customer: one line, its slots named last."""
    context = brief.context
    return (
        f"{brief.tone} {context.channel} in English to a {_CUSTOMERS[context.tenure]} on a "
        f"{PLANS[context.contract]}, discount {_LEVELS[context.offer_percent]}, "
        f"facts {' '.join(f'{{{slot}}}' for slot in brief.slots)}"
    )


def is_held_out(context: Context) -> bool:
    """Say whether a context, 1 in 8, is kept from every training, to show skill on unseen ones."""
    named = "named" if context.has_name else "nameless"
    said = f"{context.channel} {context.tenure} {context.contract} {context.offer_percent} {named}"
    return crc32(said.encode()) % 8 == 0


def every_brief() -> Iterator[Brief]:
    """Give every brief there is: 384 contexts in 3 tones, in a fixed order."""
    for channel, offer, tenure, contract, named, tone in product(
        CHANNELS, OFFER_PERCENTS, TENURES, PLANS, (True, False), TONES
    ):
        yield Brief(Context(offer, tenure, contract, named, channel), tone)
