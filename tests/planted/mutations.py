"""1,500 bad messages made by machine: right messages with one fault put in, and bad ones in disguise.

The faults are worded here, apart from the product and from the 500 written by hand; what is put in is wrong
by arithmetic (another figure), by structure (a link, a slot, a missing part) or by words. A disguise keeps a
reader's understanding: look-alike letters, invisible characters, spacing, signs for letters.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.planted.good_messages import MONTHS, OPT_OUT, good_messages
from tests.planted.reading import Planted, bad_messages

PRESSING = (
    "Hurry up.", "Act now, please.", "This is urgent.", "It is your last chance.",
    "We will take legal action.", "You must reply.",
    "Final notice.", "We will sue you.", "Our lawyers are ready.", "Time is running out.",
    "Do not miss out.", "You will regret it.",
)  # fmt: skip
RUDE = (
    "You idiot.", "Do not be stupid.", "You moron.", "What a bastard.", "This is shit.", "Fuck off.",
    "You are pathetic.",
    "Shut up.", "Kiss my ass.", "You bitch.", "You loser.", "Drop dead.", "You asshole.", "Damn you.",
    "You are worthless.",
)  # fmt: skip
PROMISED = (
    "And a free month.", "It is guaranteed.", "Plus a gift card.", "We refund your last bill.",
    "You win a prize.", "With cashback.",
    "We waive your fees.", "And a voucher.", "Your price is locked.", "You get a free router.",
    "And bonus points.",
    "We upgrade your plan.",
)  # fmt: skip
LASTING = (
    "It holds forever.", "It is for every bill.", "It is for life.", "It repeats each month.",
    "It is permanent.", "It holds from now on.",
)  # fmt: skip
LINKS = (
    "See www.pay-less.net.",
    "See http://x.example/a.",
    "Go to bit.ly/abc.",
    "See evil.com.",
    "Write to me@mail.org.",
    "See t.co/x.",
)
PHONES = (
    "Call 0800 555 199.",
    "Call +49 151 2345678.",
    "Ring (030) 123 456.",
    "Text 60777.",
    "Call 555-0100.",
)
PRIVATE = (
    "Your card number is known.", "Send your password.", "Your account number, please.", "Customer C77812.",
    "Your PIN, please.",
    "Tell us your date of birth.", "Your card 4000 1234 5678 9010.", "We know your pension.",
)  # fmt: skip
SLOTS = ("{name}", "[NAME]", "{{offer}}", "<name>", "${name}", "{valid until}", "%name%", "__NAME__")
FOREIGN = (
    "Vielen Dank und bis bald, wir sind bei Ihnen.", "Muchas gracias por su confianza con nosotros.",
    "Спасибо вам.", "谢谢您。", "Merci de votre fidélité, nous vous aimons.",
)  # fmt: skip
LOUD = ("PLEASE REPLY.", "THANK YOU.", "Reply!!!", "WHAT ABOUT IT.", "Well?!?!", "GREAT NEWS.")
HIDDEN = "\u202e\u200b\u200d\u2066\u00ad\x00\x07\x1b\u2028\ufeff\u2060\u061c"
LOOK_ALIKES = str.maketrans("aeopcxyiAEOPCTHKMB", "аеорсхуіАЕОРСТНКМВ")
SIGNS = str.maketrans("aeiost", "431057")

Change = Callable[[Planted, Random], str | None]


def mutated(seed: int = 7, how_many: int = 1500) -> list[Planted]:
    """Give bad messages, the same for a seed; kinds take turns."""
    rng = Random(seed)
    right = [one for one in good_messages(seed=seed) if len(one.text) <= 150]
    wrong = [one for one in bad_messages() if one.fault in ("banned_phrase", "toxic", "promise")]
    found: dict[tuple[str, str], Planted] = {}
    turn = 0
    while len(found) < how_many:
        code, change = CHANGES[turn % len(CHANGES)]
        turn += 1
        base = rng.choice(wrong if code == "disguise" else right)
        text = change(base, rng)
        if text is not None and text != base.text:
            found[code, text] = replace(base, text=text, fault=base.fault if code == "disguise" else code)
    return list(found.values())


def _said(sentences: tuple[str, ...], quietly: bool = True) -> Change:
    """Put a sentence in, at the end of another; quietly: sometimes without its capitals."""

    def change(base: Planted, rng: Random) -> str | None:
        body, line = _parted(base.text)
        sentence = rng.choice(sentences)
        if quietly and rng.random() < 0.3:
            sentence = sentence.lower()
        ends = [i + 1 for i, c in enumerate(body[:-1]) if c in ".!?" and body[i + 1] == " "]
        place = rng.choice([*ends, len(body)])
        text = f"{body[:place]} {sentence}{body[place:]}"
        return text + line if len(text) <= 200 else None

    return change


def _percent(base: Planted, rng: Random) -> str | None:
    """State another per cent than the decided one, or one where there is none."""
    percent = base.facts.offer_percent
    if not percent or str(percent) not in base.text:
        return None
    other = rng.choice([n for n in (1, 3, 5, 8, 10, 12, 15, 18, 20, 25, 30, 50, 75, 99) if n != percent])
    return (
        base.text.replace(f"{percent}%", f"{other}%")
        .replace(f"{percent} p", f"{other} p")
        .replace(f"{percent} %", f"{other} %")
    )


def _tenure(base: Planted, rng: Random) -> str | None:
    """State another tenure."""
    months = base.facts.tenure_months
    if not months or f"{months} month" not in base.text:
        return None
    other = max(2, months + rng.choice((-7, -1, 1, 2, 12, 60, 9 * months)))
    return None if other == months else base.text.replace(f"{months} month", f"{other} month")


def _day(base: Planted, rng: Random) -> str | None:
    """State another last day: another month, or the next day."""
    day = base.facts.valid_until
    if day is None:
        return None
    month = MONTHS[day.month - 1]
    other = MONTHS[(day.month - 1 + rng.randint(1, 11)) % 12]
    if rng.random() < 0.5 and f" {day.day} {month}" in base.text:
        return base.text.replace(f" {day.day} {month}", f" {day.day % 28 + 1} {month}")
    return base.text.replace(month, other) if month in base.text else None


def _money(base: Planted, rng: Random) -> str | None:
    """Put an amount of money in."""
    amount = rng.choice(("$5", "€20", "£9.99", "12 dollars", "30 euros", "USD 8", "five pounds", "99 cents"))
    return _said((f"That is {amount}.", f"You keep {amount}.", f"It is worth {amount}."))(base, rng)


def _plan(base: Planted, rng: Random) -> str | None:
    """Name another contract than the customer's."""
    own = {"month-to-month": "month-to-month", "one year": "one-year", "two year": "two-year"}.get(
        base.facts.contract or ""
    )
    other = rng.choice([p for p in ("month-to-month", "one-year", "two-year", "three-year") if p != own])
    return base.text.replace(f"{own} plan", f"{other} plan") if own and f"{own} plan" in base.text else None


def _nameless(base: Planted, rng: Random) -> str | None:
    """Greet somebody else."""
    name = base.facts.name
    if name is None or base.text.count(name) != 1:
        return None
    return base.text.replace(
        name, rng.choice([n for n in ("there", "customer", "Robert", "Anna-Lena", "Mr X") if n != name])
    )


def _offerless(base: Planted, rng: Random) -> str | None:
    """Leave the per cent or the last day out."""
    facts = base.facts
    if not facts.offer_percent:
        return None
    for worded in (
        f"{facts.offer_percent}%",
        f"{facts.offer_percent} %",
        f"{facts.offer_percent} per cent",
        f"{facts.offer_percent} percent",
    ):
        if worded in base.text:
            return base.text.replace(worded, rng.choice(("something", "a little", "a part")))
    return None


def _length(base: Planted, rng: Random) -> str | None:
    """Cut it short, or go on and on."""
    body, line = _parted(base.text)
    if rng.random() < 0.5:
        return body[: rng.randint(10, 48)].strip() + line
    return (
        body
        + " We look forward to your reply and are glad that you are with us." * (1 + (200 - len(body)) // 60)
        + line
    )


def _no_opt_out(base: Planted, rng: Random) -> str | None:
    """Take the line away that a text message needs."""
    return base.text.removesuffix(OPT_OUT) if base.channel == "sms" else None


def _hidden(base: Planted, rng: Random) -> str | None:
    """Put a character in that nobody sees."""
    place = rng.randint(1, len(base.text) - 1)
    return base.text[:place] + rng.choice(HIDDEN) + base.text[place:]


def _slot(base: Planted, rng: Random) -> str | None:
    """Leave a slot open."""
    words = base.text.split(" ")
    place = rng.randint(1, len(words) - 1)
    return " ".join((*words[:place], rng.choice(SLOTS), *words[place:]))


def _bills(base: Planted, rng: Random) -> str | None:
    """Stretch the discount beyond the next bill."""
    other = rng.choice(
        (
            "bills",
            "two bills",
            "bill and the one after",
            "bill, every time",
            "few bills",
            "bill forever",
            "12 bills",
        )
    )
    return (
        base.text.replace("next bill", f"next {other}")
        if base.facts.offer_percent and "next bill" in base.text
        else None
    )


def _disguise(base: Planted, rng: Random) -> str | None:
    """Write a bad message in look-alikes, signs or with invisible characters, but for its name."""
    start = (
        len(base.facts.name) + 4 if base.facts.name and base.text.startswith(f"Hi {base.facts.name}") else 0
    )
    head, rest = base.text[:start], base.text[start:]
    way = rng.randrange(4)
    if way == 0:
        return head + rest.translate(LOOK_ALIKES)
    if way == 1:
        words = rest.split(" ")
        longest = max((w for w in words if w.isalpha()), key=len)
        return head + rest.replace(longest, longest.translate(SIGNS), 1)
    if way == 2:
        return head + "".join(c + ("\u200b" if c.isalpha() and rng.random() < 0.3 else "") for c in rest)
    return head + rest.upper()


def _parted(text: str) -> tuple[str, str]:
    """Part a text from the opt-out line."""
    body = text.removesuffix(OPT_OUT)
    return body, text[len(body) :]


CHANGES: tuple[tuple[str, Change], ...] = (
    ("banned_phrase", _said(PRESSING)), ("toxic", _said(RUDE)), ("promise",
    _said(PROMISED)), ("wrong_duration", _said(LASTING)),
    ("foreign_link", _said(LINKS)), ("foreign_phone", _said(PHONES)), ("personal_data", _said(PRIVATE)),
    ("wrong_language", _said(FOREIGN)), ("shouting", _said(LOUD, quietly=False)), ("wrong_number",
    _percent), ("wrong_number", _tenure),
    ("wrong_number", _day), ("wrong_number", _money), ("wrong_number", _plan), ("missing_name", _nameless),
    ("missing_offer", _offerless), ("invalid_length", _length), ("missing_opt_out", _no_opt_out),
    ("control_characters", _hidden), ("unfilled_slot", _slot), ("wrong_duration", _bills), ("disguise",
    _disguise),
)  # fmt: skip
