"""Phrases that the judge of `judge.py` is taught with, written for it alone: no trained text is read here.

Every pool is split by place: of three phrases, the third is never taught, and accuracy is told on those.
`@reply` stands for the next step of the channel. Only data; how they are put together is `judge_texts`.
"""

from collections.abc import Mapping, Sequence

Pool = Sequence[str]

NAMED: Pool = ("Hi {name},", "Hello {name},", "Dear {name},", "{name},", "Good day {name},", "Hey {name},")
NAMELESS: Pool = ("Hello,", "Hi there,", "Good day,", "Hi,", "Greetings,", "Hello there,")

TENURED: Mapping[str, Pool] = {
    "warm": (
        "thank you so much for {tenure} with us",
        "we are grateful for the {tenure} you have spent with us",
        "it means a lot to us that you have stayed for {tenure}",
        "what a pleasure it has been to serve you for {tenure}",
        "{tenure} together, and we are thankful for it",
        "we truly value your {tenure} with us",
    ),
    "plain": (
        "thank you for {tenure} with us",
        "you have been a customer for {tenure}, thank you",
        "we appreciate your {tenure} with us",
        "thank you for staying with us for {tenure}",
        "after {tenure} with us we want to say thank you",
        "thanks for being our customer for {tenure}",
    ),
    "brief": (
        "thanks for {tenure} with us",
        "thank you for {tenure}",
        "{tenure} with us: thanks",
        "thanks for your {tenure}",
        "many thanks for {tenure} here",
        "thanks for staying {tenure}",
    ),
}
"""Thanks that name the tenure."""
UNTENURED: Mapping[str, Pool] = {
    "warm": (
        "it is lovely to have you with us",
        "we are so glad that you chose us",
        "we are happy to have you here",
        "thank you so much for being with us",
        "we really enjoy having you with us",
        "your trust means a lot to us",
    ),
    "plain": (
        "thank you for being our customer",
        "thank you for choosing us",
        "we are glad to have you as a customer",
        "thank you for being with us",
        "we appreciate that you are with us",
        "thanks for your trust",
    ),
    "brief": (
        "thanks for being here",
        "thanks for choosing us",
        "glad you are with us",
        "thank you",
        "thanks for your trust",
        "good to have you",
    ),
}
"""Thanks without a figure: right where the tenure is not known, generic where it is."""

OFFERS: Pool = (
    "here is {offer} off {duration}",
    "take {offer} off {duration}",
    "we set aside {offer} off {duration} for you",
    "{offer} off {duration} is yours",
    "we would love to take {offer} off {duration}",
    "enjoy {offer} off {duration}",
    "there is {offer} off {duration} waiting for you",
    "you can have {offer} off {duration}",
    "we are taking {offer} off {duration} if you like",
)
OFFER_STEPS: Pool = (
    "@reply by {valid_until} to use it",
    "just @reply by {valid_until}",
    "@reply by {valid_until} and it is done",
    "to accept, @reply by {valid_until}",
    "simply @reply by {valid_until}",
    "please @reply by {valid_until}",
    "say yes until {valid_until}: @reply",
    "@reply no later than {valid_until} and we apply it",
    "all it takes is to @reply by {valid_until}",
)
WHOLE_STEPS: Pool = (
    "for {offer} off {duration}, @reply by {valid_until}",
    "@reply by {valid_until} for {offer} off {duration}",
    "@reply by {valid_until} and we will take {offer} off {duration}",
    "to get {offer} off {duration}, @reply by {valid_until}",
    "{offer} off {duration}: @reply by {valid_until}",
    "if you @reply by {valid_until}, {offer} off {duration} is yours",
)
"""Offer and step in one clause."""
QUESTIONS: Pool = (
    "how is your {plan} working for you?",
    "is there anything we could do better?",
    "are you happy with your {plan}?",
    "what would make our service better for you?",
    "how is everything going?",
    "does your {plan} still fit you?",
    "what can we improve for you?",
    "is anything unclear or not working?",
    "how are you getting on with us?",
)
CARE_STEPS: Pool = (
    "please @reply and tell us",
    "just @reply",
    "@reply with a line or two",
    "simply @reply, we read every answer",
    "@reply and we will sort it out",
    "to tell us, @reply",
    "please @reply with your thoughts",
    "@reply whenever something bothers you",
    "if so, just @reply",
)
CLOSINGS: Pool = (
    "We are glad you are here.",
    "Have a lovely day.",
    "We look forward to hearing from you.",
    "Warm wishes from all of us.",
    "It is good to have you.",
    "Take care.",
)
"""For a warm message; too much for another."""

VAGUE: Pool = (
    "let us know what you think",
    "get in touch some time",
    "we are here if you need anything",
    "feel free to reach out",
    "see what might suit you",
    "perhaps we will hear from you",
    "keep us in mind",
    "you know where to find us",
    "do whatever feels right",
)
SECOND_STEPS: Pool = (
    "or visit your account page",
    "or speak to our team",
    "and then fill in the form",
    "or open the app and look under offers",
    "or come by the shop",
    "and also rate us",
    "or ask an agent to ring you",
    "and read the terms first",
    "or log in and choose it there",
)
FILLERS: Pool = (
    "We are writing to you today because we wanted to reach you.",
    "As you may already be aware, things are moving on.",
    "In this regard, please note the following information.",
    "We hope that this message finds you well at this time.",
    "At the end of the day, what matters is what matters.",
    "It goes without saying that we do many things.",
    "We would like to take this opportunity to inform you.",
    "Please do not hesitate in any way whatsoever.",
    "With respect to the above, kindly take note.",
)
JARGON: Pool = (
    "Your account has been selected for our retention incentive.",
    "A loyalty benefit has been applied to your profile.",
    "This communication is being sent pursuant to your subscription.",
    "Eligible subscribers are being offered an adjustment.",
    "Your engagement lifecycle has been reviewed by our system.",
    "The benefit can be redeemed upon confirmation.",
    "Our holistic solutions are being optimised for your touchpoints.",
    "Your service relationship was evaluated by us.",
    "An incentive has been allocated to your subscription tier.",
)
FLATTERY: Pool = (
    "You are simply the most amazing customer.",
    "Somebody as brilliant as you deserves the very best.",
    "You are our absolute favourite.",
    "We adore your exquisite taste.",
    "There is nobody quite as wonderful as you.",
    "You are a true superstar to us.",
    "A genius like you knows what is good.",
    "You are one in a million and totally incredible.",
    "We are in awe of you.",
    "Customers as special as you are rare.",
    "You light up our whole company.",
    "You have the finest judgement of all.",
)
PLAN_ASIDES: Pool = (
    "You are on a {plan}.",
    "This is about your {plan}.",
    "Your plan is the {plan}.",
    "Our records show a {plan}.",
    "We see that you have the {plan}.",
    "The {plan} is what you use.",
    "Your current {plan} is on file.",
    "You use our {plan}.",
    "Just so you know, yours is a {plan}.",
)
COLD: Pool = (
    "this is a notice about your account",
    "notice to the customer",
    "the following applies to you",
    "regarding your contract",
    "your account was checked",
    "information about your bill",
    "your file is up for review",
    "we note your contract",
    "this message concerns your bill",
    "for your records",
    "a reminder about your account",
    "please read the following",
)
GUSHING: Pool = (
    "Yay, what a day!",
    "Woohoo, big smiles from us!",
    "We are over the moon!",
    "Hooray, this is so exciting!",
    "Wow, just wow!",
    "Hip hip hooray!",
    "Party time!",
    "So much joy, yippee!",
    "Our hearts are dancing!",
    "Amazing, amazing, amazing!",
    "High five!",
    "You make us jump with joy!",
)
PRESSURE: Pool = (
    "Act now.",
    "Hurry, this is your last chance.",
    "Do not miss out.",
    "Only a few left, be quick.",
    "You will regret waiting.",
    "Respond immediately.",
    "Time is running out.",
    "This ends tonight, so be fast.",
    "Decide right now.",
    "Do not wait another minute.",
    "It will be too late tomorrow.",
    "You must answer today or lose it.",
)
PROMISED: Pool = (
    "We also guarantee a free upgrade.",
    "You will win a gift card too.",
    "Your price will never rise again.",
    "We promise a refund if you stay.",
    "There is a free month on top.",
    "Cash back comes next.",
    "The best price is guaranteed for ever.",
    "You also get a bonus for nothing.",
    "We will give you free gigabytes.",
    "A prize is waiting for you too.",
    "You will always pay less than others.",
    "We refund whatever you like.",
)
RUDE: Pool = (
    "Stop complaining.",
    "It is stupid to leave.",
    "You clearly do not understand your bill.",
    "Only a fool says no.",
    "We are tired of waiting for you.",
    "Nobody cares why.",
    "Do not be silly.",
    "Your questions are annoying.",
    "Pay attention for once.",
    "You are wasting our time.",
    "Only idiots leave.",
    "It is your own fault.",
)
