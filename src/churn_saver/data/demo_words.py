"""Names and sentences that the demo tables are made of; every one of them is made up."""

from collections.abc import Mapping

FIRST_NAMES = (
    "Aaliyah", "Abebe", "Aiko", "Akua", "Amélie", "Ana María", "Anil", "Anneke", "Åsa", "Ayşe",
    "Beatriz", "Björn", "Blessing", "Carlos", "Chiara", "Chidi", "Ciarán", "D'Angelo", "Dariusz", "Deepika",
    "Đorđe", "Elif", "Emeka", "Fatima", "François", "Giulia", "Grace", "Hà", "Hassan", "Hiroshi",
    "Ines", "Ingrid", "Ivan", "Jamal", "Jean-Luc", "Jiří", "José", "Joy", "Kai", "Kateryna",
    "Kwame", "Lakshmi", "Lars", "Layla", "Liam", "Łukasz", "Mei-Ling", "Mehmet", "Mia", "Miguel",
    "Mohammed", "Nadia", "Ngozi", "Nguyễn", "Noor", "O'Brien", "Olga", "Oluwaseun", "Owen", "Priya",
    "Rachel", "Rania", "Renée", "Ryan", "Sam", "Sanjay", "Seán", "Siobhán", "Sofía", "Søren",
    "Tāne", "Tariq", "Thandiwe", "Tomáš", "Uchenna", "Valentina", "Wei", "Xiomara", "Yuki", "Yusuf",
    "Zainab", "Zoë", "Žofie", "Δημήτρης", "Олена", "שרה", "محمد", "प्रिया", "陈伟", "민준",
)  # fmt: skip

TIME_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto",
    "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip

TENURE_BANDS = ("under 6 months", "6 to 12 months", "1 to 2 years", "2 to 5 years", "over 5 years")
TONES = ("warm", "plain", "cheerful", "formal")

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "warm": (
        "Hi {name}, it has been lovely to have you with us for {tenure}.",
        "Hi {name}, thank you for {tenure} with us, it means a lot.",
    ),
    "plain": (
        "Hello {name}, you have been our customer for {tenure}.",
        "Hello {name}, thanks for {tenure} on your {plan}.",
    ),
    "cheerful": (
        "Hi {name}, {tenure} together, and we are glad of every month!",
        "Hey {name}, {tenure} with us already, thank you!",
    ),
    "formal": (
        "Dear {name}, we appreciate your trust over {tenure}.",
        "Dear {name}, thank you for choosing us for {tenure}.",
    ),
}
WITH_OFFER = (
    "We would like to take {offer} off {duration}.",
    "Here is {offer} off {duration} for your {plan}.",
    "As a thank-you there is {offer} off {duration}.",
)
WITHOUT_OFFER = (
    "If anything about your {plan} could be better, we would like to hear it.",
    "Is your {plan} still the right one for you? We are happy to check.",
    "If something bothers you about your {plan}, tell us and we will look into it.",
)
NEXT_STEPS = (
    "Just reply to this message.",
    "Reply YES and we will do the rest.",
    "Reply whenever it suits you.",
)

REJECTED: Mapping[str, str] = {
    "pressure": "URGENT {name}! Act now, limited time: {offer} off, last chance for your {plan}!!!",
    "shouting": "{name}, DON'T LEAVE!!! YOU WILL REGRET IT!!! STAY WITH YOUR {plan} NOW!!!",
    "wrong offer": "Hi {name}, thank you for {tenure} with us. Here is 50% off {duration} for your {plan}.",
    "invented promise": "Hi {name}, stay and your {plan} will never cost more again, guaranteed for life.",
    "no name": "Valued customer, we noticed that you may leave your {plan}. Please reconsider your decision.",
    "rude": "{name}, after {tenure} it would be foolish to give up your {plan}. Think again.",
}
"""One text for each way to be worse."""
