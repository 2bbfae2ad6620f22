"""Banks of messages for tests: the plain sentences, taken as if somebody had written and approved them."""

from itertools import product
from pathlib import Path

from churn_saver.adapters.banks import write_bank
from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.briefs import CHANNELS, TENURES, TONES, Brief
from churn_saver.domain.slots import OPT_OUT_LINE, PLANS, Context
from churn_saver.message.bank import APPROVED, Bank, Entry
from churn_saver.message.plain import drafts

CONTEXT = Context(10, "settled", "month-to-month", has_name=True)
"""Sam's of the tests: 12 months, 10 % off."""
GOOD = "Hi {name}, thanks for {tenure} with us. Take {offer} off {duration}: reply by {valid_until}."


def entry(number: int = 0, text: str = GOOD, context: Context = CONTEXT, **changes: object) -> Entry:
    """Give an approved message named m0, m1 and so on."""
    tone = str(changes.pop("tone", "warm"))
    plain: dict[str, object] = {"score": 0.5, "model": "by hand", "review": APPROVED}
    return Entry(f"m{number}", Brief(context, tone), text, **(plain | changes))  # type: ignore[arg-type]


def plain_bank(channels: tuple[str, ...] = CHANNELS) -> Bank:
    """Give the plain sentences of every context as approved messages, their tones in turn."""
    entries: list[Entry] = []
    for channel, offer, tenure, contract, named in product(
        channels, OFFER_PERCENTS, TENURES, PLANS, (True, False)
    ):
        context = Context(offer, tenure, contract, named, channel)
        for i, draft in enumerate(drafts(context)):
            text = draft.removesuffix(OPT_OUT_LINE.get(channel, ""))
            entries.append(entry(len(entries), text, context, tone=TONES[i % len(TONES)], score=-float(i)))
    return Bank(tuple(entries))


def bank_folder(folder: Path, bank: Bank | None = None) -> Path:
    """Write a bank, by default the plain one of emails, into a folder of its own and name that."""
    place = folder / "message_bank"
    write_bank(place, bank or plain_bank(("email",)), {"writer": "by hand"})
    return place
