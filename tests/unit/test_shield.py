"""The shield: planted bad texts by hand for every rule, good texts that must pass, and laws."""

import re
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.config import ServeSettings
from churn_saver.domain.slots import CONTRACTS, Facts
from churn_saver.errors import ConfigError
from churn_saver.shield import RULES, Rules, violations

SETTINGS = ServeSettings.model_validate(
    yaml.safe_load(
        """
policy: knapsack
risk_threshold: 0.5
propensity_offer_pct: 10
risk_value_threshold: 48
random_share: 0.16
contact_basis: existing_customer
company_time_zone: UTC
quiet_until_hour: 8
quiet_from_hour: 21
channel: email
live: false
live_deadline_ms: 500
deadline_ms: 5000
live_quantization: Q8_0
live_threads: 2
company_domains: [acme.example, o2.example]
company_phones: ["+1 800 555 0100"]
banned_phrases: [urgent, act now, limited time, guaranteed, last chance, hurry, final notice, risk free,
  "100% free", once in a lifetime, before it's too late, you must, legal action, sue]
guard: {deadline_ms: 1000, table_deadline_seconds: 60, threads: 8, faults: 3, pause_seconds: 5}
campaign: {id: c, limit: 1, currency: USD, holdout_share: 0, exploration_share: 0, customers: 1, paced: false}
"""
    )
)
RULE = Rules.of(SETTINGS)
SMS = Rules.of(SETTINGS.model_copy(update={"channel": "sms"}))
SAM = Facts("Sam", 12, 10, "month-to-month", date(2026, 12, 5))
"""12 months, 10 % off the next bill until 5 December 2026."""
CARE = Facts("Sam", 12, 0, "month-to-month", None)
OFFER = "Take 10% off your next bill by 5 December 2026."
"""Whole and right: appended to a bad sentence, so that only the planted fault is judged."""

BANNED = """
This is urgent, so please read it with care.
URGENT: we have something to tell you about your plan.
You should act now, because we would like to keep you.
Please ACT-NOW and we will look after the rest.
Please act   now and we will look after the rest.
Please act_now and we will look after the rest.
Please a.c.t. n.o.w and we will look after the rest.
Please аct now and we will look after the rest.
Please ａｃｔ ｎｏｗ and we will look after the rest.
Please a\u200dct n\u200bow and we will look after the rest.
Please a\u00adct no\u2060w and we will look after the rest.
Please áct nòw and we will look after the rest.
Please 𝐚𝐜𝐭 𝐧𝐨𝐰 and we will look after the rest.
Please act n0w and we will look after the rest.
Please ⓐⓒⓣ ⓝⓞⓦ and we will look after the rest.
Please 🅰🅲🆃 🅽🅾🆆 and we will look after the rest.
This is u r g e n t, so please read it with care.
This is u-r-g-e-n-t, so please read it with care.
This is urg3nt, so please read it with care.
This is urrrgent, so please read it with care.
This is ur gent, so please read it with care.
This is υrgent, so please read it with care.
This is ᴜʀɢᴇɴᴛ, so please read it with care.
It is here for a limited-time and for you.
It is here for a l1m1ted t1me and for you.
It is guaranteed that you will like it with us.
This is your last chance, and we mean it.
Hurry, please, and tell us how you are.
This is the final notice that you will have from us.
It is risk-free for you to tell us how you are.
It is 100% free for you to tell us how you are.
Tell us how you are before it’s too late, please.
Tell us how you are before its too late, please.
You must tell us how you are, and you know it.
We will take legal action, and then we will sue.
We will $ue you, and you will not like it.
"""
LANGUAGE = """
Hallo Sam, vielen Dank für 12 Monate bei uns. Antworten Sie einfach auf diese Nachricht.
Hola Sam, gracias por estar con nosotros. Responda a este correo para hablar con usted.
Bonjour Sam, merci pour votre confiance, nous sommes avec vous pour longtemps.
Sam, спасибо, что вы с нами. Ответьте на это письмо, и мы поможем вам.
Sam, 感谢您一直以来的支持。请回复此邮件，我们会尽快与您联系。谢谢您。谢谢您。谢谢您。谢谢您。谢谢您。
Thank you for being with us, Sam. Мы рады. Please reply to this email and tell us more.
Sam lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor.
Hi Sam, thank you for being with us. Vielen Dank und bis bald, wir sind für Sie da.
"""
NUMBERS = """
Take 15% off your next bill by 5 December 2026.
Take 20% off, no, 10% off your next bill by 5 December 2026.
Take 50% off your next bill by 5 December 2026.
Take 1O% off your next bill by 5 December 2026.
Take lO% off your next bill by 5 December 2026.
Take 10% and 15% off your next bill by 5 December 2026.
Take 10-15% off your next bill by 5 December 2026.
Take 110% off your next bill by 5 December 2026.
Take 0.10% off your next bill by 5 December 2026.
Take 10.5% off your next bill by 5 December 2026.
Take .10% off your next bill by 5 December 2026.
Take up to 10% off your next bill by 5 December 2026.
Take at least 10% off your next bill by 5 December 2026.
Take more than 10% off your next bill by 5 December 2026.
Take 10% or more off your next bill by 5 December 2026.
Take 10%+ off your next bill by 5 December 2026.
Take 10% and another 10% off your next bill by 5 December 2026.
Take ten per cent and fifteen per cent off your next bill by 5 December 2026.
Take twenty percent off your next bill by 5 December 2026.
Take twenty-five per cent off your next bill by 5 December 2026.
Take fifteen pct off your next bill by 5 December 2026.
Take 10% off, or half off your next bill by 5 December 2026.
Take a quarter off your next bill by 5 December 2026: 10% now.
Take 10% off your next bill by 5 December 2026 and a month free.
Take 10% off your next bill by 5 December 2026 and one month free.
Take 10% off your next bill by 6 December 2026.
Take 10% off your next bill by 4 December 2026.
Take 10% off your next bill by 15 December 2026.
Take 10% off your next bill by 5 December 2027.
Take 10% off your next bill by 5 November 2026.
Take 10% off your next bill by December 6, 2026.
Take 10% off your next bill by Dec 15.
Take 10% off your next bill by 2026-12-06.
Take 10% off your next bill by 05/12/2026.
Take 10% off your next bill by Friday 5 December 2026.
Take 10% off your next bill by Sunday, 5 December 2026 or by Monday.
Take 10% off your next bill from 5 December 2026.
Take 10% off your next bill after 5 December 2026.
Take 10% off your next bill by tomorrow, or by 5 December 2026.
Take 10% off your next bill by 5 December 2026 or until the end of the year.
Take 10% off your next bill by 5 December 2026, valid until next week.
Take $10 and 10% off your next bill by 5 December 2026.
Take 10 dollars and 10% off your next bill by 5 December 2026.
Take €9 and 10% off your next bill by 5 December 2026.
Take twenty and 10% off your next bill by 5 December 2026.
Take ٢٠% or 10% off your next bill by 5 December 2026.
Take ١٠% or 10% off your next bill by 5 December 2026.
Take ²⁰% or 10% off your next bill by 5 December 2026.
Take ⑳ and 10% off your next bill by 5 December 2026.
Take ½ and 10% off your next bill by 5 December 2026.
Take 🔟 and 10% off your next bill by 5 December 2026.
Take 1\u200b10% off your next bill by 5 December 2026.
Take 10‰ and 10% off your next bill by 5 December 2026.
Thank you for 13 months with us. Take 10% off your next bill by 5 December 2026.
Thank you for 11 months with us. Take 10% off your next bill by 5 December 2026.
Thank you for 112 months with us. Take 10% off your next bill by 5 December 2026.
Thank you for thirteen months with us. Take 10% off your next bill by 5 December 2026.
Thank you for 2 years with us. Take 10% off your next bill by 5 December 2026.
Thank you for two years with us. Take 10% off your next bill by 5 December 2026.
Thank you for 1 year and 2 months with us. Take 10% off your next bill by 5 December 2026.
Thank you for over 12 months with us. Take 10% off your next bill by 5 December 2026.
Thank you for many years with us. Take 10% off your next bill by 5 December 2026.
Thank you for a decade with us. Take 10% off your next bill by 5 December 2026.
Your two-year plan is good. Take 10% off your next bill by 5 December 2026.
Your 12-month contract is good. Take 10% off your next bill by 5 December 2026.
Your annual plan is good. Take 10% off your next bill by 5 December 2026.
We are here 24/7. Take 10% off your next bill by 5 December 2026.
It takes two minutes. Take 10% off your next bill by 5 December 2026.
You are one of 5,000 customers. Take 10% off your next bill by 5 December 2026.
"""
DURATIONS = """
Take 10% off your next bill and every bill by 5 December 2026.
Take 10% off your next bill, forever, by 5 December 2026.
Take 10% off your next bill for 3 months by 5 December 2026.
Take 10% off your next bill for 12 months by 5 December 2026.
Take 10% off for the next 12 months and your next bill by 5 December 2026.
Take 10% off each bill, not only your next bill, by 5 December 2026.
Take 10% off your next bills by 5 December 2026.
Take 10% off your next two bills by 5 December 2026.
Take 10% off all your bills, your next bill too, by 5 December 2026.
Take 10% off all future bills, your next bill too, by 5 December 2026.
Take 10% off per year, your next bill too, by 5 December 2026.
Take 10% a month off your next bill by 5 December 2026.
Take a monthly discount of 10% off your next bill by 5 December 2026.
Take 10% off your next bill for life by 5 December 2026.
Take 10% off your next bill for as long as you stay by 5 December 2026.
Take 10% off your next bill for the rest of the year by 5 December 2026.
Take 10% off your next bill and the one after by 5 December 2026.
Take 10% off your next bill from now on by 5 December 2026.
Take a permanent 10% off your next bill by 5 December 2026.
Take 10% off your plan by 5 December 2026.
Take 10% off by 5 December 2026 and tell us how you are.
Take 12 months of savings: 10% off your next bill by 5 December 2026.
Take 10% off your next bill month after month by 5 December 2026.
Take 10% off your next bill for a full year by 5 December 2026.
"""
PROMISED = """
We guarantee that you will be happy with our service.
We can refund your last payment in full, just tell us.
Take a free router with your plan, just tell us.
Your router is free of charge, and we are happy to help.
We will send you cash, just tell us where you live.
A gift card is waiting for you, just tell us where you live.
We will upgrade your plan for nothing, just tell us.
You win a prize, just tell us where you live, please.
Your last month is on us, just tell us how you are.
We will credit your account, just tell us how you are.
We waive your fee, just tell us how you are, please.
You will never pay more, and we promise it to you.
We lock in your price, just tell us how you are.
You will have faster speeds with us, just tell us.
You get unlimited data with us, just tell us, please.
There is no charge for it, and we are happy to help.
Here is a voucher for you, with our thanks, just tell us.
"""


def lines(block: str) -> list[str]:
    """Split a block of planted texts."""
    return block.strip("\n").split("\n")


def codes(text: str, facts: Facts = SAM, rules: Rules = RULE) -> tuple[str, ...]:
    """Judge a text."""
    return violations(text, facts, rules)


def test_the_right_text_passes() -> None:
    """A text with the name, the offer, its bill and its last day passes."""
    text = f"Hi Sam, thank you for 12 months with us. {OFFER}"

    assert codes(text) == ()


@pytest.mark.parametrize("fault", lines(BANNED))
def test_banned_phrases_are_found_in_any_disguise(fault: str) -> None:
    """Case, spacing, punctuation, look-alike and invisible characters hide no banned phrase."""
    assert "banned_phrase" in codes(f"Hi Sam, thank you. {fault} {OFFER}")


@pytest.mark.parametrize(
    "clean",
    [
        "If an issue bothers you, tell us, please.",
        "We pursue the best for you.",
        "There is no urgency.",
        "It is a fact, nowhere else.",
        "We pursue it, and must we not, with you.",
    ],
)
def test_banned_phrases_stand_on_word_boundaries(clean: str) -> None:
    """A banned phrase inside a longer word is not one: issue is not sue."""
    assert codes(f"Hi Sam, thank you. {clean} {OFFER}") == ()


@pytest.mark.parametrize("name", ["Sue", "Hurry", "Urgent", "Sue Hurry"])
def test_a_name_may_be_a_banned_word(name: str) -> None:
    """The name is taken out before phrases are looked for; elsewhere the word still counts."""
    facts = replace(SAM, name=name)

    assert codes(f"Hi {name}, thank you for being with us. {OFFER}", facts) == ()
    assert codes(f"Hi {name}, thank you for being with us or we sue, hurry, urgent. {OFFER}", facts)


def test_length_is_judged_after_strip() -> None:
    """50 to 200 characters pass, white space at the ends does not count."""
    head = "Hi Sam, please tell us how you like your plan"  # 45 characters
    of_50, of_200 = head + ", ok.", head + " " + "oh" * 76 + "h."

    assert (len(of_50), len(of_200)) == (50, 200)
    assert codes(of_50, CARE) == codes(of_200, CARE) == codes(f"  {of_50}\t ", CARE) == ()
    assert codes(of_50[:-1], CARE) == codes(of_50[:-1] + "   ", CARE) == ("invalid_length",)
    assert codes(of_200 + ".", CARE) == ("invalid_length",)


def test_the_opt_out_line_is_not_counted() -> None:
    """On sms 50 to 200 characters stand before the line; on other channels it is text like any other."""
    line = " Reply STOP to opt out."
    of_49, of_200 = (
        "Hi Sam, please tell us how you like your plan, k.",
        "Hi Sam, please tell us how" + " " + "oh" * 86 + "o",
    )

    assert (len(of_49), len(of_200)) == (49, 200)
    assert codes(of_200 + line, CARE, SMS) == ()
    assert codes(of_200 + "h" + line, CARE, SMS) == codes(of_49 + line, CARE, SMS) == ("invalid_length",)
    assert "invalid_length" in codes(of_200 + line, CARE)


@pytest.mark.parametrize("text", [None, "", "   ", "\n"])
def test_nothing_fails_closed(text: str | None) -> None:
    """No text is not a good text."""
    found = violations(text, SAM, RULE)

    assert found == ("invalid_length", "missing_name", "missing_offer", "wrong_language", "wrong_duration")


def test_a_huge_text_is_refused_by_length_alone() -> None:
    """A megabyte is not read."""
    assert codes("a " * 500_000) == ("invalid_length",)


@pytest.mark.parametrize(
    "greeting", ["Hello,", "Hi Samantha,", "Hi sam,", "Hi Samé,", "Hi Sam\u0301,", "Hi iSam,", "Hi S am,"]
)
def test_the_name_must_stand_as_a_whole(greeting: str) -> None:
    """Another name, or the name inside a longer one, does not count."""
    assert "missing_name" in codes(f"{greeting} thank you for being with us. {OFFER}")


def test_without_a_name_none_is_missed() -> None:
    """A customer without a name is greeted without one."""
    facts = replace(SAM, name=None)

    assert codes(f"Hello, thank you for being with us. {OFFER}", facts) == ()


@pytest.mark.parametrize(
    "offer",
    [
        "Take something off your next bill by 5 December 2026.",
        "Take 15% off your next bill by 5 December 2026.",
        "Take 10 off your next bill by 5 December 2026.",
        "Take up to 10% off your next bill by 5 December 2026.",
        "Take 10% off your next bill.",
        "Take 10% off your next bill soon, by the 5th.",
        "Take 10% off your next bill by 6 December 2026.",
    ],
)
def test_an_offer_is_stated_with_its_last_day(offer: str) -> None:
    """A discount whose per cent or last day is not stated rightly is missing."""
    assert "missing_offer" in codes(f"Hi Sam, thank you for being with us. {offer}")


@pytest.mark.parametrize("fault", lines(NUMBERS))
def test_no_figure_but_the_decided_ones(fault: str) -> None:
    """Every per cent, amount, date, tenure and contract that the decision does not state is found."""
    assert "wrong_number" in codes(f"Hi Sam. {fault}")


@pytest.mark.parametrize(
    "text",
    [
        "Hi Sam, thank you. Take 10% off your next bill and tell us how you are.",
        "Hi Sam, thank you. Take ten percent off your next bill and tell us.",
        "Hi Sam, thank you. 0% of our customers are like you, just tell us.",
        "Hi Sam, thank you. Your next bill will be lower by 5 December 2026.",
    ],
)
def test_no_per_cent_and_no_day_without_a_discount(text: str) -> None:
    """With offer 0 any per cent and any date is wrong."""
    assert "wrong_number" in codes(text, CARE)


@pytest.mark.parametrize("tenure", [None, 0])
def test_no_tenure_where_none_is_known(tenure: int | None) -> None:
    """Without a known tenure of a month or more, any number of months is wrong."""
    facts = replace(CARE, tenure_months=tenure)

    assert "wrong_number" in codes("Hi Sam, thank you for 12 months with us, and tell us how it is.", facts)
    assert "wrong_number" in codes("Hi Sam, thank you for 0 months with us, and tell us how it is.", facts)


@pytest.mark.parametrize(
    "slot",
    [
        "{offer}", "{", "}", "[name]", "[NAME]", "<name>", "<b>you</b>", "%name%", "$name",
         "${name}", "｛name｝",
        "{{ customer }}", "first__name", "Dear Customer Name,", "Hi None,", "Hello nan,",
         "Hi null,", "TODO", "XXX",
    ],
)  # fmt: skip
def test_no_open_slot(slot: str) -> None:
    """Braces, brackets, tags and what programs write for nothing are found."""
    assert "unfilled_slot" in codes(f"Hi Sam, {slot} thank you for being with us. {OFFER}")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.io/x", "http://1.2.3.4", "www.evil.io", "evil.com", "evil.co.uk",
         "EVIL.COM", "me@evil.io",
        "evil․com", "evil。com", "ｅｖｉｌ．ｃｏｍ", "evil[.]com", "evil dot com", "hxxps://evil",
         "bit.ly/2x", "ftp://evil",
        "acme.example.evil.io", "notacme.example", "acme.example@evil.io",
         "https://acme.example:80@evil.io",
        "evil.io/acme.example", "evil.museum", "@evil", "evil . com",
    ],
)  # fmt: skip
def test_no_link_but_the_company_s(link: str) -> None:
    """Addresses of others are found, however they are written."""
    assert "foreign_link" in codes(f"Hi Sam, thank you. See {link} for more. {OFFER}")


@pytest.mark.parametrize(
    "own",
    [
        "acme.example", "https://acme.example", "www.acme.example/help", "care@acme.example",
         "Acme.Example",
        "o2.example", "+1 800 555 0100", "1-800-555-0100", "(1) 800.555.0100", "+18005550100",
    ],
)  # fmt: skip
def test_the_company_may_name_itself(own: str) -> None:
    """The company's own domains, addresses and numbers pass."""
    assert codes(f"Hi Sam, thank you. Ask {own}, please. {OFFER}") == ()


def test_without_company_contacts_none_passes() -> None:
    """An empty list allows no address at all."""
    rules = Rules.of(SETTINGS.model_copy(update={"company_domains": (), "company_phones": ()}))
    text = f"Hi Sam, thank you. See acme.example or 1-800-555-0100 for more. {OFFER}"

    assert codes(text, SAM, rules) == ("wrong_number", "foreign_link", "foreign_phone")


def test_a_name_that_is_an_address_is_a_link() -> None:
    """A mail program would make a link of it, so the name is looked at too; St.John is a name."""
    bad, good = replace(CARE, name="evil.com"), replace(CARE, name="J.R. St.John")

    assert codes("Hi evil.com, is there anything we can do better for you?", bad) == ("foreign_link",)
    assert codes("Hi J.R. St.John, is there anything we can do better for you?", good) == ()


@pytest.mark.parametrize(
    "phone",
    ["+49 30 901820", "555-123-4567", "(555) 123 4567", "5551234567", "call 12345",
     "text YES to 40404", "+1 800 555 0101",
     "+1 800 555 01000", "٥٥٥١٢٣٤٥٦٧", "1-800-FLOWERS"],
)  # fmt: skip
def test_no_phone_but_the_company_s(phone: str) -> None:
    """Numbers of others are found."""
    assert "foreign_phone" in codes(f"Hi Sam, thank you. Please {phone} for more. {OFFER}")


@pytest.mark.parametrize(
    "datum",
    ["C12345", "7590-VHVEG", "id AB-98765", "4111 1111 1111 1111", "4111111111111111",
     "078-05-1120", "jo@mail.io",
     "account number", "account 12345678", "customer ID", "9f1c2d3e-aaaa-4bbb-8ccc-1234567890ab"],
)  # fmt: skip
def test_no_personal_data(datum: str) -> None:
    """Customer ids, card and account numbers and addresses are found."""
    assert "personal_data" in codes(f"Hi Sam, thank you. Yours is {datum}, we know. {OFFER}")


@pytest.mark.parametrize("text", lines(LANGUAGE))
def test_only_english(text: str) -> None:
    """Another script, another language or no language is found."""
    assert "wrong_language" in codes(text, CARE)


@pytest.mark.parametrize("name", ["Алексей", "张伟", "محمد", "Żółć", "Nguyễn Thị", "Ὀδυσσεύς"])
def test_a_name_may_be_in_any_script(name: str) -> None:
    """The name is taken out before letters are judged; a second one elsewhere is not."""
    assert codes(f"Hi {name}, thank you for being with us. {OFFER}", replace(SAM, name=name)) == ()


@pytest.mark.parametrize(
    "loud", ["THANK you", "PLEASE read", "ＰＬＥＡＳＥ read", "thank you!!", "thank you! !",
    "thank you！！", "thank you‼",
             "P L E A S E read", "DON'T WAIT"]
)  # fmt: skip
def test_no_shouting(loud: str) -> None:
    """Words in capitals and doubled exclamation marks are found."""
    assert "shouting" in codes(f"Hi Sam, {loud}, for being with us. {OFFER}")


def test_a_name_in_capitals_is_no_shouting() -> None:
    """People write their names in capitals; the company does not."""
    facts = replace(SAM, name="SAMANTHA")

    assert codes(f"Hi SAMANTHA, thank you for being with us! {OFFER}", facts) == ()


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u200b", "\u200d", "\u2066", "\x00", "\x1b", "\n", "\t", "\r\n", "\ufeff",
     "\u00ad", "\u2028", "\U000e0041",
     "\u3164", "\ufe0f", "\u034f", "\ud800"],
)  # fmt: skip
def test_no_hidden_characters(hidden: str) -> None:
    """Control, direction and invisible characters are found."""
    assert "control_characters" in codes(f"Hi Sam, thank you{hidden} for being with us. {OFFER}")


@pytest.mark.parametrize(
    "sign", ["😊", "❤", "❤\ufe0f", "👍🏽", "🇩🇪", "★", "☎", "⏰", "�", "^", "¨", "°"]
)  # fmt: skip
def test_no_symbols(sign: str) -> None:
    """One pictograph or sign is one too many; a name may have it, and it excuses no other."""
    assert "symbols" in codes(f"Hi Sam, thank you {sign} for being with us. {OFFER}")
    named = replace(SAM, name=f"Sam {sign}")

    assert "symbols" not in codes(f"Hi Sam {sign}, thank you for being with us. {OFFER}", named)
    assert "symbols" in codes(f"Hi Sam {sign}, thank you {sign} for being with us. {OFFER}", named)


@pytest.mark.parametrize("sign", ["Acme®", "we`d", "we´d", "we’d", "Acme™", "– so", "naïve"])
def test_marks_of_a_company_and_of_letters_are_no_symbols(sign: str) -> None:
    """Nor are apostrophes, dashes and letters with marks."""
    assert "symbols" not in codes(f"Hi Sam, {sign} thank you for being with us. {OFFER}")


@pytest.mark.parametrize(
    "told",
    [
        "Thanks for 5 December 2026.",
        "With thanks for 5 December 2026 with us.",
        "On your 5 December 2026.",
        "Reply at 5 December 2026.",
        "It starts on 5 December 2026.",
        "See you on 5 December 2026.",
    ],
)
def test_a_day_that_is_told_as_no_last_day_is_one_too_many(told: str) -> None:
    """It is the decided one, and the sentence says what nobody decided, even beside the right one."""
    assert {"missing_offer", "wrong_number"} <= set(codes(f"Hi Sam, take 10% off your next bill. {told}"))
    assert "wrong_number" in codes(f"Hi Sam. {OFFER} {told}")


@pytest.mark.parametrize(
    "told",
    [
        "Reply on or before 5 December 2026.",
        "It is yours through 5 December.",
        "Reply any time between now and 5 December 2026.",
        "The offer ends on Saturday, 5 December 2026.",
        "The last day to reply and to have it: 5 December.",
        "On 5 December our offer ends, so please reply.",
        "You can reply up to and including the 5th of December.",
        "Please reply by the last day (5 December 2026).",
        "5 December 2026 is the last day to accept.",
    ],
)
def test_a_last_day_is_told_in_many_ways(told: str) -> None:
    """By its words before it, or after it."""
    assert codes(f"Hi Sam, take 10% off your next bill. {told}") == ()


def test_a_text_message_needs_its_way_out() -> None:
    """On the sms channel the text itself says how to stop; STOP may then be in capitals."""
    text = f"Hi Sam, thank you for being with us. {OFFER}"

    assert codes(text, SAM, SMS) == ("missing_opt_out",)
    assert codes(text + " Reply STOP to opt out.", SAM, SMS) == ()
    assert codes(text + " Reply STOP to opt out.", SAM, RULE) == ("shouting",)


@pytest.mark.parametrize("fault", lines(DURATIONS))
def test_no_discount_beyond_the_next_bill(fault: str) -> None:
    """Whatever promises more than one bill, or does not say which bill, is found."""
    assert "wrong_duration" in codes(f"Hi Sam. {fault}")


@pytest.mark.parametrize("fault", lines(PROMISED))
def test_no_promise_that_nobody_decided(fault: str) -> None:
    """Refunds, gifts, guarantees and their like are found, with and without a discount."""
    assert "promise" in codes(f"Hi Sam. {fault}", CARE)
    assert "promise" in codes(f"Hi Sam. {fault} {OFFER}", SAM)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("answer this within the hour, please.", "banned_phrase"),
        ("should you leave us, we would close your account.", "banned_phrase"),
        ("most of our customers have replied by now.", "banned_phrase"),
        ("our system predicts that you will switch.", "personal_data"),
        ("we will ship you a new tablet.", "promise"),
        ("are you always this slow, we wonder?", "toxic"),
        ("we are glad, we are glad to have you.", "repetition"),
        ("Sam, it is good to have you. How are you, Sam?", "repetition"),
        ("we value None months of trust.", "unfilled_slot"),
    ],
)
def test_each_class_of_wording_has_its_code(text: str, code: str) -> None:
    """The grammars of `domain.manners_*` are read, with and without a discount."""
    assert code in codes(f"Hi Sam, {text} Please tell us how your plan is.", CARE)
    assert code in codes(f"Hi Sam, {text} {OFFER}")


def test_an_offer_that_is_denied_is_a_contradiction() -> None:
    """Only where there is an offer to deny."""
    text = "Hi Sam, the reduction is over. Please tell us how your plan is."

    assert "contradiction" in codes(f"{text} {OFFER}")
    assert "contradiction" not in codes(text, CARE)


@pytest.mark.parametrize(
    "text",
    [
        f"Hi Sam, there is no rush at all. {OFFER}",
        f"Hi Sam, no hurry, we are here. {OFFER}",
        f"Hi Sam, you need not hurry. {OFFER}",
        f"Hi Sam, we promise to read what you write. {OFFER}",
        f"Hi Sam, every month counts for us, thank you. {OFFER}",
        f"Hi Sam, is our support worth your money? {OFFER}",
        f"Hi Sam, thank you for your trust over 12 months. {OFFER}",
        f"Hi Sam, thank you for your support with us over 12 months. {OFFER}",
        "Hi Sam, what about 10% off your next bill? Reply by 5 December 2026.",
        "Hi Sam, your next bill minus 10%: reply before the end of 5 December 2026.",
        f"Hi Sam, do you find all the answers you look for? {OFFER}",
        f"Hi Sam, has the signal been good where you live? {OFFER}",
    ],
)
def test_harmless_turns_of_speech_pass(text: str) -> None:
    """A word of a rule in a sentence that says the opposite, or nothing."""
    assert codes(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Hi Sam, no hurry, but hurry all the same.",
        "Hi Sam, we promise to listen and promise a gift.",
        "Hi Sam, we know where you live.",
        "Hi Sam, thank you for staying over 12 months.",
        "Hi Sam, it is about 10% or so.",
    ],
)
def test_a_harmless_turn_excuses_nothing_else(text: str) -> None:
    """The word counts elsewhere, and hedges stay hedges."""
    assert codes(f"{text} {OFFER}")


@pytest.mark.parametrize(
    "text",
    [
        "Hi Sam, here is a discount for you. Just reply to this email and tell us.",
        "Hi Sam, we have a special offer for you. Just reply to this email.",
        "Hi Sam, take something off your next bill. Just reply to this email.",
        "Hi Sam, you can save money with us. Just reply to this email, please.",
        "Hi Sam, enjoy your savings with us. Just reply to this email, please.",
    ],
)
def test_no_discount_words_without_a_discount(text: str) -> None:
    """With offer 0 a discount is a promise that nobody decided."""
    assert "promise" in codes(text, CARE)


GOOD_OFFERS = """
Hi Sam, thank you for 12 months with us. Take 10% off your next bill: reply to this email by 5 December 2026.
Hello Sam, we appreciate you. Here is 10% off your next bill, valid until 5 December 2026. Just reply to this email.
Dear Sam, as a thank-you for your 12 months with us, we would like to take 10% off your next bill. Reply by 5 December 2026.
Sam, we value your 12 months with us! Enjoy 10% off your next monthly bill if you reply by 5 December 2026.
Hi Sam! You have been on your month-to-month plan for 12 months. Here is 10% off your next bill until 5 December 2026.
Good morning Sam, we noticed you have been with us for a year. Please take 10% off your next bill by 5 December 2026.
Hi Sam, it’s been 12 months — thank you. Your next bill can be 10% lower: reply to this email by 5 December 2026.
Hi Sam, one short note: 10% off your next bill is yours until 5 December 2026. Reply to this email to take it.
Hi Sam, we'd love to keep you. Reply to this email by December 5, 2026 for 10% off your next bill.
Hi Sam, we're glad you're here. 10 percent off your next invoice, if you reply by 5th December 2026.
Hi Sam, ten per cent off your next bill is waiting for you until Saturday, 5 December 2026. Questions? Just reply.
Hi Sam, your loyalty over the past 12 months matters. Reply by 5 Dec 2026 and get 10% off your next bill.
Hello Sam, if an issue with your plan bothers you, tell us. And here is 10% off your next bill until 5 December 2026.
Hi Sam, feel free to reply to this email by 5 December 2026. You will get 10% off your next bill, once.
Hi Sam, would 10% off your next bill help? Reply "yes" to this email by 5 December 2026 and it is done.
Thanks for being part of our family, Sam. Take 10% off your next bill: reply by 5 December 2026.
Hi Sam, thank you for one year with us. A 10% discount on your next bill is ready; reply by 5 December 2026.
Hi Sam, we may not say it often: thank you. Here's a one-time discount of 10% on your next bill until 5 December 2026.
Hi Sam, you can count on us. Reply to this email by 5 December 2026 to use 10% off your next bill.
Hi Sam, thank you for choosing us 12 months ago. Take 10% off your next bill, no later than 5 December 2026.
"""  # noqa: E501
GOOD_CARE = """
Hi Sam, how are things with your month-to-month plan? Please reply to this email and tell us.
Hello Sam, thank you for being with us. Is there anything we can do better for you?
Dear Sam, we hope you are happy with your plan. If you have a question, just reply to this email.
Hi Sam, you have been with us for 12 months. Thank you! How has it been? Just reply and tell us.
Hi Sam, we are always here to help. If something isn’t right, reply to this email and let us know.
Hi Sam, we would like to hear from you: what works well, and what does not? Please reply to this email.
Sam, a quick check-in from our team: is your plan still right for you? Reply to this email any time.
Hi Sam, thank you for your trust. One question: what could we do better? Just reply to this email.
Hi Sam, feel free to tell us what you need. A reply to this email is all it takes, and we will listen.
Hi Sam, if the bill or the plan is ever unclear, we are happy to explain it. Just reply to this email.
Hello Sam, did your last call with our support team solve the issue? Reply to this email and let us know.
Hi Sam, we know that you have a choice, and we appreciate that you chose us. How are we doing?
Good to have you with us, Sam. If you would like to go through your plan together, just reply to this email.
Hi Sam, we want to get this right for you. May we ask what matters most to you? Please reply to this email.
Hi Sam, thank you for a year with us. We would like to know how your plan works for you: just reply.
Hi Sam, your café of choice may change; we hope your provider does not. Tell us how we can help you.
Hi Sam, no news is good news, but we would rather hear it from you. How is everything with your plan?
Hi Sam, we read every reply. Tell us in a line or so how your plan works for you, and what is missing.
Hi Sam, is your connection steady at home and on the go? Reply to this email if it could be better.
Hi Sam, it is nice to have you here. Should anything be amiss, this email reaches us: just reply.
"""
VARIED = (
    "Hi {n}, thank you for {t} with us. Reply to this email by {d} to take {p} off your next bill.",
    "Hello {n}, we appreciate you. Your next bill can be {p} lower if you reply by {d}.",
    "Dear {n}, here is {p} off your next bill on your {c}. Just reply to this email by {d}.",
    "Thank you for your {t} with us, {n}. Until {d}, you can take {p} off your next bill: just reply.",
    "{n}, your {c} deserves a thank-you: {p} off your next bill, once. Please reply by {d}.",
    "Hi {n}, we have set aside {p} off your next monthly bill for you. Reply to this no later than {d}.",
)


@pytest.mark.parametrize("text", lines(GOOD_OFFERS))
def test_good_texts_with_a_discount_pass(text: str) -> None:
    """Styles of warm and plain sentences that state the decided offer are not blocked."""
    assert codes(text) == ()


@pytest.mark.parametrize("text", lines(GOOD_CARE))
def test_good_texts_without_a_discount_pass(text: str) -> None:
    """Styles of service messages are not blocked."""
    assert codes(text, CARE) == ()


def test_good_texts_pass_for_many_facts() -> None:
    """The same sentences pass for other names, tenures, contracts, offers and days."""
    plans = {
        "month-to-month": "month-to-month plan",
        "one year": "one-year plan",
        "two year": "two-year plan",
    }
    days = {
        date(2027, 1, 1): "1 January 2027",
        date(2026, 5, 31): "31 May 2026",
        date(2028, 2, 29): "29 February 2028",
    }
    blocked = [
        (text, found)
        for form, name, months, contract, percent, (day, written) in product(
            VARIED, ("Zoë", "Mary-Jane O'Neil", "李"), (1, 7, 24, 70), CONTRACTS, (5, 15), days.items()
        )
        for text in [
            form.format(
                n=name, t=f"{months} month{'s' * (months > 1)}", p=f"{percent}%", c=plans[contract], d=written
            )
        ]
        if (found := codes(text, Facts(name, months, percent, contract, day)))
    ]

    assert blocked == []


@given(st.text(max_size=260), st.sampled_from([SAM, CARE, replace(SAM, name="\u0301x")]))
def test_any_text_is_judged(text: str, facts: Facts) -> None:
    """No text whatever makes the shield fail; codes are known ones, in the order of the page."""
    found = codes(text, facts)
    order = [code for code, _ in RULES]

    assert list(found) == sorted(set(found), key=order.index)
    assert found


@given(st.text(min_size=1, max_size=6), st.integers(0, 100))
def test_noise_never_turns_another_per_cent_into_the_decided_one(noise: str, percent: int) -> None:
    """Whatever stands around it, a text with only another per cent does not state the offer."""
    if percent == 10:
        percent = 11
    text = f"Hi Sam, thank you. {noise} Take {percent}% off your next bill by 5 December 2026."

    assert {"missing_offer", "wrong_number"} <= set(codes(text)) or "10%" in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("banned_phrases", ("--",)), ("company_domains", (" ",)), ("company_phones", ("call",))],
)
def test_a_setting_that_finds_nothing_is_refused(field: str, value: tuple[str, ...]) -> None:
    """A blank entry would match everything or nothing: the settings are refused."""
    with pytest.raises(ConfigError, match=re.escape(value[0])):
        Rules.of(SETTINGS.model_copy(update={field: value}))


def test_only_unreviewed_texts_must_have_plain_words() -> None:
    """A company's own words stand in what somebody reviewed; in a live draft nobody meant them."""
    text = f"Hi Sam, thank you. Your gigawave fibrenaut works as it did. {OFFER}"

    assert codes(text) == ()
    assert codes(text, rules=replace(RULE, unreviewed=True)) == ("strange_words",)


@pytest.mark.parametrize(
    "clean",
    [
        "If it is not for you, all is well.",
        "We will never ask for your password.",
        "Please do not hesitate to ask us anything.",
        "We are happy about every year of it.",
        "In two minds? Tell us, please.",
        "The discount will come off your next bill.",
        "It is waiting for your yes until 5 December 2026.",
        "You may reply PLAN too.",
        "It helps us a great deal.",
    ],
)
def test_sentences_that_only_hold_a_rule_s_word_pass(clean: str) -> None:
    """Words of a rule in a sentence that says the opposite, or nothing."""
    assert codes(f"Hi Sam, thank you. {clean} {OFFER}") == ()


@pytest.mark.parametrize(
    "fault",
    [
        "It would be a shame if something went wrong with the line.",
        "We have received your wish to leave and refused it.",
        "By reading this you accept another year with us.",
        "Please forward us the code on your screen.",
        "You could not switch elsewhere if you wanted to.",
        "Our competitors will let you down.",
        "A true neighbour would have answered.",
        "You have my word that it will be good.",
        "And then it goes on for all the others.",
        "Bring along a friend, too.",
    ],
)
def test_quiet_faults_are_found(fault: str) -> None:
    """Veiled threats, reproach, somebody not let go, secrets asked for, promises without a slot."""
    assert codes(f"Hi Sam, thank you. {fault} {OFFER}")


@pytest.mark.parametrize("line", ["Reply YES to take it, STOP to opt out.", "Reply OK, or STOP to opt out."])
def test_a_way_to_leave_may_share_its_verb(line: str) -> None:
    """Whoever reads it knows what to reply; without a verb nobody does."""
    assert "missing_opt_out" not in codes(f"Hi Sam, thank you. {OFFER} {line}", SAM, SMS)
    assert "missing_opt_out" in codes(f"Hi Sam, thank you. {OFFER} YES or STOP.", SAM, SMS)
