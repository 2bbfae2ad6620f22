"""The good set: 2,000 messages that break no rule, from templates written apart from the product.

The sentences were written without a look at the shield's words. They fill themselves: no code of
the product words a figure here. A fifth of the set are the product's own plain sentences.
"""

from datetime import date, timedelta
from random import Random

from churn_saver.domain.slots import Facts
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill
from tests.planted.reading import Planted

OPT_OUT = " Reply STOP to opt out."
NAMES = (
    "Ann", "José", "Zoë", "Priya Natarajan", "Tom", "Liu Wei", "Mary-Jane O'Neill", "Olu", "Dick Grant",
    "Sam", "Sue", "Bill",
    "Will Price", "Grace Freeman", "May", "April Summers", "June", "Penny Cash", "Hope", "Rich Banks",
    "Mark Sterling", "Stone",
    "Jürgen Groß", "Łukasz", "Søren Kjær", "Aoife Ní Bhriain", "Nguyễn Văn An", "Ольга", "Γιώργος", "李伟",
    "山田太郎", "محمد", "אבי",
    "Anaïs", "Çağla", "Björk", "D'Angelo", "St. John", "Ms Ada Lovelace", "Dr. Chen", "Augustus", "Phuc",
    "Fanny Hill", "Assia",
    "Van der Berg", "X Æ", "Jo", "Ng", "Maximilian Alexander Featherstone", "Siobhán", "Kwame", "Fatima",
    "Ravi", "Ingrid", "Pablo",
    "Amélie Poulain", "Hans-Peter", "Sunday Oliseh", "Friday", "Saturnino", "Decima", "Septimus", "Trey",
    "Quentin", "Victor",
)  # fmt: skip
WITH_OFFER = (
    "Hi {n}, thank you for {t} with us. We would like to take {o} off your next bill. Please reply to this "
    "{c} by {d}.",
    "Hello {n}, here is {o} off your next bill. A short reply to this {c} by {d} is all we need.",
    "Dear {n}, please accept {o} off your next bill. Reply to this {c} by {d} and we will see to it.",
    "Hi {n}, good to have you here. If you reply to this {c} by {d}, your next bill is {o} lower.",
    "Hello {n}, you have been with us for {t}. As a thank-you, we take {o} off your next bill if you reply "
    "by {d}.",
    "Hi {n}, would {o} off your next bill be welcome? Just reply to this {c} by {d}.",
    "{n}, thanks for staying with us for {t}. Reply by {d} and enjoy {o} off your next bill.",
    "Hi {n}, we value your loyalty. Your next bill can be {o} lower: reply to this {c} by {d}.",
    "Good day {n}, feel free to reply to this {c} by {d}, and we will take {o} off your next bill.",
    "Hi {n}, we hope you are well. There is {o} off your next bill for you, until {d}. Simply reply to this "
    "{c}.",
    "Hello {n}, a small thank-you: {o} off your next bill. To use it, reply to this {c} by {d}.",
    "Hi {n}, your {p} matters to us. Reply by {d} and we take {o} off your next bill.",
    "Hi {n}, we would be glad to keep you. Take {o} off your next bill: answer this {c} by {d}.",
    "Dear {n}, it is a pleasure to have you with us. Until {d} you can have {o} off your next bill. Please "
    "reply.",
    "Hi {n}, one reply by {d} and {o} comes off your next bill. Thank you for being a customer.",
    "Hello {n}, as you have trusted us for {t}, we want to give something back: {o} off your next bill. "
    "Reply by {d}.",
    "Hi {n}, if you would like {o} off your next bill, let us know by {d}. A reply to this {c} will do.",
    "Hi {n}, thank you for choosing us. Please write back by {d} and your next bill will be {o} lower.",
    "Hello {n}, is everything fine with your {p}? Here is {o} off your next bill; reply by {d} to take it.",
    "{n}, we saved {o} of your next bill for you. Reply to this {c} by {d} to take it off.",
    "Hi {n}, we know that bills add up. Take {o} off your next bill by replying to this {c} by {d}.",
    "Hi {n}, no long story: {o} off your next bill when you reply to this {c} by {d}.",
    "Hello {n}, our team is happy that you are here. Reply by {d}, and {o} off your next bill is yours.",
    "Hi {n}, how are you? Please reply to this {c} by {d} if you want {o} off your next bill.",
    "Thank you for {t} with us, {n}. Your next bill can be {o} lower: just reply by {d}.",
    "Hi {n}, because you have been with us for {t}: {o} off your next bill. Please answer by {d}.",
    "Hello {n}, we appreciate you. Say yes to {o} off your next bill with a reply by {d}.",
    "Hi {n}, whatever the issue was, we want to do better. Reply by {d} for {o} off your next bill.",
    "Dear {n}, thank you for your patience with us. Please enjoy {o} off your next bill and reply by {d}.",
    "Hi {n}, want to pay a little less? Reply to this {c} by {d} and take {o} off your next bill.",
)
WITHOUT_OFFER = (
    "Hi {n}, thank you for {t} with us. Is there something we should do better? Please reply to this {c}.",
    "Hello {n}, how do you like your {p} so far? We read every reply to this {c}.",
    "Hi {n}, it is a pleasure to have you with us. If you need help, just reply to this {c}.",
    "Dear {n}, we would like to know if your {p} still fits. A short reply is enough.",
    "Hi {n}, you have been with us for {t}, and we are grateful. How are things going? Please reply.",
    "Hello {n}, is your connection as good as it should be? Reply to this {c} and tell us.",
    "Hi {n}, feel free to reply to this {c} if there is an issue with your {p}. We are happy to help.",
    "Hi {n}, what is the one thing that you would change? Please reply to this {c} and tell us.",
    "Good day {n}, we hope you are well. Do you have a question about your {p}? Just reply.",
    "{n}, thanks for {t} with us. We would love to hear what you think. Please reply to this {c}.",
    "Hi {n}, your opinion counts here. How is your {p} working out? Please reply to this {c}.",
    "Hello {n}, we noticed that we have not spoken for a while. How are you getting on? Please reply.",
    "Hi {n}, if your needs have changed, reply to this {c} and we will look at your {p} together.",
    "Hi {n}, can we make anything easier for you? One reply to this {c} is all it takes.",
    "Dear {n}, thank you for your trust over {t}. Tell us what to improve: just reply to this {c}.",
    "Hello {n}, a person reads every reply. What could we do better for you? Please write back.",
    "Hi {n}, are you happy with your {p}? If not, please reply to this {c} and let us know.",
    "Hi {n}, we want your {p} to suit you. If it does not, please reply and we will talk about it.",
    "Thank you for being with us, {n}. Reply to this {c} at any time if you have a question.",
    "Hello {n}, we are glad that you are here. Is anything unclear about your bill? Please reply.",
    "Hi {n}, just checking in after {t}. How is the service? We look forward to your reply.",
    "Hi {n}, we would be sorry to see you go. Please reply to this {c} and tell us what you need.",
    "Hello {n}, thank you for your loyalty. Which part of your {p} do you use most? Please reply.",
    "Hi {n}, sometimes a short talk helps. Reply to this {c} and tell us when it suits you.",
    "Dear {n}, our support team is here for you. If something does not work, simply reply to this {c}.",
    "Hi {n}, we are listening. What do you like, and what annoys you? Please reply to this {c}.",
)
PLANS = {
    None: "plan",
    "month-to-month": "month-to-month plan",
    "one year": "one-year plan",
    "two year": "two-year plan",
}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def good_messages(seed: int = 5, how_many: int = 2000) -> list[Planted]:
    """Give the set, the same for a seed."""
    rng, texts = Random(seed), set[str]()
    found: list[Planted] = []
    while len(found) < how_many:
        planted = _own(rng) if len(found) % 5 else _plain(rng)
        if planted.text not in texts and len(planted.text.removesuffix(OPT_OUT)) <= 200:
            texts.add(planted.text)
            found.append(planted)
    return found


def some_facts(rng: Random) -> Facts:
    """Draw the facts of a customer."""
    percent = rng.choice((0, 5, 10, 15))
    return Facts(
        name=rng.choice((None, *NAMES, *NAMES)),
        tenure_months=rng.choice((None, 0, 1, 12, 24, 36, 48, 60, rng.randint(1, 120))),
        offer_percent=percent,
        contract=rng.choice(tuple(PLANS)),
        valid_until=date(2026, 11, 1) + timedelta(days=rng.randint(0, 500)) if percent else None,
    )


def _own(rng: Random) -> Planted:
    """Fill one of the templates that the facts and the channel fit."""
    facts, channel = some_facts(rng), rng.choice(("email", "email", "push", "sms"))
    templates = WITH_OFFER if facts.offer_percent else WITHOUT_OFFER
    template = rng.choice([one for one in templates if facts.tenure_months or "{t}" not in one])
    text = template.format(
        n=facts.name or "",
        t=_tenure(facts.tenure_months or 0, rng),
        o=rng.choice(("{}%", "{}%", "{} %", "{} per cent", "{} percent")).format(facts.offer_percent),
        p=PLANS[facts.contract],
        c="email" if channel == "email" else "message",
        d=_day(facts.valid_until, rng) if facts.valid_until else "",
    )
    if facts.name is None:
        text = (
            text.replace(" ,", ",")
            .replace("with us, .", "with us.")
            .replace("with us,.", "with us.")
            .lstrip(", ")
        )
        text = text[0].upper() + text[1:]
    return Planted("", text + (OPT_OUT if channel == "sms" else ""), channel, facts)


def _plain(rng: Random) -> Planted:
    """Give one of the product's own plain sentences, filled."""
    facts, channel = some_facts(rng), rng.choice(("email", "push", "sms"))
    text = fill(rng.choice(candidates(facts, channel)), facts)
    return Planted("", text, channel, facts)


def _tenure(months: int, rng: Random) -> str:
    years, rest = divmod(months, 12)
    if years and not rest and rng.random() < 0.5:
        return "a year" if years == 1 else f"{years} years"
    return "1 month" if months == 1 else f"{months} months"


def _day(day: date, rng: Random) -> str:
    month = MONTHS[day.month - 1]
    return rng.choice(
        (f"{day.day} {month} {day.year}", f"{day.day} {month}", f"{month} {day.day}, {day.year}")
    )
