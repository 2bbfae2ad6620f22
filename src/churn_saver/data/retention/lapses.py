"""What a message must never say, line by line: the sentences that `flaws` puts in.

Only wording. `#` stands for a per cent that nobody decided.
"""

UNDECIDED_OFFERS = (
    "here is #% off your next bill", "we will take #% off the price of your {plan}",
    "you get #% off as a thank-you", "as a thank-you, we take #% off your next bill", "stay and save #%",
    "there is a discount of #% for you", "enjoy #% off", "reply and get #% off your next bill",
    "we can give you #% off", "take #% off your bill", "your next bill will be #% lower", "how about #% off?",
    "for you we have #% off", "please accept #% off your next bill", "we would like to take #% off",
    "a discount of #% is waiting for you",
)  # fmt: skip
EXTRA_OFFERS = (
    "we will add another #%", "and there is #% more if you reply today", "later you get #% off as well",
    "a friend of yours gets #% off too", "with a new contract it is even #%", "next time it will be #%",
    "in total that makes #%", "on top of that come #%", "reply early and it becomes #%",
    "our best customers get #%", "for two years it would be #%", "add a line and take #% more",
    "then there is #% for your family", "some even get #%", "we may raise it to #%", "pay early for #% extra",
)  # fmt: skip
WRONG_SHAPES = (
    "up to #%", "at least #%", "more than {offer}", "#% or more", "up to {offer}", "about #%",
    "{offer} or even #%", "as much as #%", "twice {offer}", "# percent", "not {offer} but #%",
    "around {offer}", "almost #%", "half the price, not {offer},", "a whole #%", "{offer} plus #%", "$#",
    "from #%", "{offer} and then #%", "nearly #%", "# per cent", "some #%", "double {offer}",
    "no less than #%",
)  # fmt: skip
VAGUE_OFFERS = (
    "something", "a bit", "some money", "an amount", "a little", "money", "a share", "a part", "a good deal",
    "quite a bit", "a sum", "a small amount", "some", "a certain amount", "a piece", "a portion",
)  # fmt: skip
UNDATED = (
    "soon", "when you can", "in time", "shortly", "when it suits you", "", "at some point", "some day",
    "one day", "before long", "in good time", "in the next while", "sooner or later", "as you like",
    "whenever", "in a while",
)  # fmt: skip
PRESSURE = (
    "act now, before it's too late", "this is your last chance", "hurry, time is running out",
    "you must reply today", "this is urgent", "do not wait another minute, or you will regret it",
    "this is a limited time matter", "final notice: decide at once", "only fools wait, so act now",
    "if you do not reply now, you lose everything", "you have no choice but to reply today",
    "[hurry|hurry up], there are only a few left", "everybody else has replied already, you must too",
    "last chance, never to come back", "we need your answer this very minute",
    "act immediately, this is urgent", "decide right now or it is gone",
    "once in a lifetime, so do not miss it", "the clock is ticking, so hurry",
    "you must not let this pass, act now", "we will keep writing until you reply",
    "reply at once, we will not ask again", "miss this and you will be sorry, hurry",
    "urgent: your answer is overdue",
)  # fmt: skip
PROMISES = (
    "we will also waive [all|your] fees", "your price will never go up, guaranteed",
    "you will get a free month too", "we throw in a free [phone|tablet|router]",
    "you also receive a [gift card|voucher]", "we guarantee the lowest price",
    "you get double the speed for nothing", "your money back if you are not happy",
    "we will upgrade your {plan} for free", "you win a prize when you reply",
    "there will be no extra charges, we promise", "you will be refunded for last month",
    "we will match any price you find", "bonus points come with your reply", "you get cash back as well",
    "unlimited data is included from now on", "next month is on us",
    "we promise that nothing will ever change", "we will pay your bill once", "a free upgrade comes with it",
    "we lock in your price for good", "you get a reward for every reply",
    "we will credit your account as well", "you will never pay a fee with us, guaranteed",
)  # fmt: skip
LASTING = (
    "every bill", "all your bills", "your bills for [a|one] year", "your next [six|three|two|ten] bills",
    "every bill from now on", "your bill for life", "your bill for {tenure_months} months",
    "your bill every month", "your bill for the rest of the year", "your bill forever",
    "your bill for 12 months", "{duration} and every bill after that", "your monthly bill for a whole year",
    "your bills, permanently", "{duration} and all that follow", "your bills for the next [6|3|24] months",
    "all future bills", "your bill for as long as you stay", "{duration} and the one after",
    "your bill each month", "the next two bills", "your next bills", "your bills for ever",
    "{duration}, then every other bill",
)  # fmt: skip
FOREIGN_NAMES = (
    "{first_name}", "{customer}", "{customer_name}", "{user}", "<first name>", "{Name}", "{firstname}",
    "{full_name}", "<name>", "{client}", "{{name}}", "%name%", "{surname}", "{username}", "{last_name}",
    "{customerName}",
)  # fmt: skip
OTHER_SLOTS = {
    "{offer}": ("{discount}", "{percent}", "{amount}", "{offer_pct}", "{saving}"),
    "{valid_until}": ("{date}", "{deadline}", "{end_date}", "{expiry}", "{last_day}"),
    "{duration}": ("{period}", "{bill}", "{months}", "{next_bill}", "{invoice}"),
    "{tenure}": ("{years}", "{time}", "{since}", "{tenure_months}", "{how_long}"),
    "{plan}": ("{product}", "{contract}", "{tariff}", "{service}", "{plan_name}"),
}
"""Slots that the facts know nothing of, in the place of those they do."""
FOREIGN_TENURES = (
    "thank you for {tenure} with us", "you have been with us for {tenure}", "{tenure} with us is a long time",
    "after {tenure} you know us well", "thanks for {tenure}", "we enjoyed {tenure} with you",
    "you joined us {tenure} ago", "we are grateful for {tenure} together", "{tenure} of trust: thank you",
    "we appreciate {tenure} with us", "here is to {tenure} together", "you chose us {tenure} ago",
    "for {tenure} you have been our customer", "your {tenure} with us mean a lot",
    "we count {tenure} with you", "many thanks for {tenure}",
)  # fmt: skip
FOREIGN_SENTENCES = (
    "your {company} team", "see {link} for more", "call us on {phone}", "best wishes, {agent}",
    "your bill is {amount}", "this is about account {account}", "the team of {brand} says hello",
    "more at {url}", "kind regards, {sender}", "we know that {city} is your home",
    "your adviser is {advisor}", "with {product} you have a good choice", "yours, {signature}",
    "we wrote to {email} before", "ask for {contact}", "your number is {number}",
)  # fmt: skip
MORE_WORDS = (
    "we have been thinking about how we could make things better for all our customers, and you among them",
    "there are many things which one could say at this point, and we would like to say at least some of them",
    "our company was built by people who care, and these people still work here and still care a great deal",
    "in a world that changes all the time it is good to have something on which one can rely from day to day",
    "we also want to mention that our team works hard behind the scenes so that all goes as it should go",
    "please take a moment to think about all the good times that we had together and will have together",
    "if you look at what we do, you will find that we take pride in it, and that this is not just talk",
    "let us add that we read what customers write to us, that we discuss it, and that we learn from it",
    "our story began long ago with a simple idea, and this simple idea is what still guides us in our work",
    "there is of course much more that could be said about our service, our people and our plans for it",
    "we would also like to take this opportunity to tell you how much we think of what you have told us",
    "before you decide, do read this message again in peace, talk it over with those who are near to you",
    "as a modern company we see ourselves as a partner of our customers in all things that matter to them",
    "it has always been our aim to be near, to be clear and to be fair, and it is what we will go on to be",
    "what is more, we would like to point out that our service is there for you in the ways that you know",
    "this message has become longer than we wanted, but there was so much that we wanted to tell you in it",
)
RUDE = (
    "do not be stupid", "only an idiot would leave us", "it would be foolish to go",
    "frankly, you have been a difficult customer", "stop wasting our time",
    "you never pay attention, so pay attention now", "we do not care what you think",
    "you would be lost without us", "shut up and reply", "leaving would be a dumb idea, even for you",
    "you are too slow, as usual", "you should be ashamed of even thinking about leaving",
    "we are sick of asking you", "nobody else would want you as a customer",
    "you owe us that much, you ungrateful person", "go away if you must, who cares",
    "be honest, you have no idea what you want", "do as you are told for once", "your complaints are a pain",
    "it is your own fault", "you are not that important", "what is wrong with you?", "think, if you can",
    "grow up and reply",
)  # fmt: skip
SHORT_OFFERS = (
    "{offer} off. Reply.", "take {offer} off.", "here is {offer}.", "{offer} for you.",
    "reply by {valid_until}.", "want {offer} off?", "{offer} off {duration}.", "{offer}!", "get {offer} now.",
    "a small offer: {offer}.", "yours: {offer}.", "just {offer}, reply.", "we have {offer}.",
    "please take {offer}.", "{offer}, by {valid_until}.", "say yes to {offer}.",
)  # fmt: skip
SHORT_CARE = (
    "please reply.", "all good?", "how are you?", "thank you.", "any questions?", "just reply.",
    "how is your {plan}?", "tell us.", "we are here.", "need help?", "happy?", "is all well? Reply.",
    "let us know.", "still happy with us?", "write to us.", "reply, please.",
)  # fmt: skip
