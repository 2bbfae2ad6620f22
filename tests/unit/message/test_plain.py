"""Plain sentences: every draft states the decision and nothing else, by a checker of its own.

`stated` reads a finished text with a few regular expressions of its own: it shares no code with the
shield, the reader of figures or the filling of slots.
"""

import re
from calendar import month_name
from datetime import date
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.config import ServeSettings, parse
from churn_saver.domain.names import clean_name
from churn_saver.domain.slots import CONTRACTS, Context, Facts, slot_values
from churn_saver.errors import InputError
from churn_saver.message.plain import candidates, drafts
from churn_saver.message.wording import fill
from churn_saver.shield import Rules, violations

SERVE = Path(__file__).parents[3] / "ops" / "configs" / "serve.yaml"
CHANNELS = ("email", "sms", "push")
CONTEXTS = [
    Context(*parts)
    for parts in product(
        (0, 5, 10, 15), ("unstated", "new", "settled", "long"), (None, *CONTRACTS), (True, False), CHANNELS
    )
]


class Stated(NamedTuple):
    """What a text says, read by the independent checker."""

    percents: set[int]
    days: set[date]
    tenures: set[int]
    bills: int
    other_digits: str


def stated(text: str, name: str | None) -> Stated:
    """Read per cents, days and months out of a text, the greeting's name cut off first."""
    body = text.removeprefix(f"Hi {name}, ") if name else text
    months = {english: number for number, english in enumerate(month_name) if english}
    found_days = re.findall(r"(\d+) (\w+) (\d{4})", body)
    rest = re.sub(r"\d+ [A-Z]\w+ \d{4}|\d+%|\d+ months?", "", body)
    return Stated(
        {int(n) for n in re.findall(r"(\d+)%", body)},
        {date(int(y), months[m], int(d)) for d, m, y in found_days if m in months},
        {int(n) for n in re.findall(r"(\d+) months?\b", body)},
        body.count("your next bill"),
        "".join(re.findall(r"\d|%", rest)),
    )


@pytest.fixture(scope="module")
def rules() -> dict[str, Rules]:
    """Rules of the shipped settings, by channel."""
    shipped = parse(ServeSettings, SERVE.read_text(encoding="utf-8"), "serve.yaml")
    return {channel: Rules.of(shipped.model_copy(update={"channel": channel})) for channel in CHANNELS}


def cleaned(raw: str) -> str | None:
    """Clean a name as the edge does; a refused one is no name."""
    try:
        return clean_name(raw)
    except InputError:
        return None


ALPHABETS = st.one_of(
    st.characters(),
    st.characters(categories=("L", "M", "P", "S", "Z")),
    st.sampled_from("aAzZ .'-!,’éøŁßЖЯ李さاע한ไท0123456789%{}<>\u202e\u200d"),
)
LETTERS = st.characters(categories=["L"])
NAMES = st.one_of(
    st.none(),
    st.text(ALPHABETS, max_size=100).map(cleaned),
    st.text(LETTERS, min_size=70, max_size=80).map(cleaned),
    st.sampled_from(
        ["Ten Percent", "Sue", "Hurry", "Free", "Now", "April", "A", "us", "Will", "May", "DR WHO", "Hi"]
    ),
)


@st.composite
def legal_facts(draw: st.DrawFn) -> Facts:
    """Draw facts that a decision can have."""
    percent = draw(st.sampled_from((0, 5, 10, 15)))
    return Facts(
        draw(NAMES),
        draw(st.none() | st.integers(0, 1200)),
        percent,
        draw(st.sampled_from((None, *CONTRACTS))),
        draw(st.dates(date(2020, 1, 1), date(2120, 1, 1))) if percent else None,
    )


@settings(max_examples=400)
@given(legal_facts())
def test_every_text_states_exactly_the_decision(facts: Facts) -> None:
    """The independent checker reads the decided offer, day and tenure, and no other figure."""
    for channel in CHANNELS:
        for draft in candidates(facts, channel):
            found = stated(fill(draft, facts), facts.name)
            tenure = {facts.tenure_months} if "{tenure}" in draft else set()

            assert found.percents == ({facts.offer_percent} if facts.offer_percent else set())
            assert found.days == ({facts.valid_until} if facts.valid_until else set())
            assert found.tenures == tenure
            assert found.bills == (1 if facts.offer_percent else 0)
            assert found.other_digits == ""


@settings(max_examples=300)
@given(facts=legal_facts())
def test_three_texts_pass_for_all_legal_facts(facts: Facts, rules: dict[str, Rules]) -> None:
    """Whatever the name, the tenure, the offer, the contract and the day: three drafts and more pass."""
    for channel, rule in rules.items():
        blocked = {
            text: found
            for draft in candidates(facts, channel)
            if (found := violations(text := fill(draft, facts), facts, rule))
        }

        assert len(candidates(facts, channel)) - len(blocked) >= 3, blocked


@settings(max_examples=300)
@given(raw=st.text(ALPHABETS, max_size=120), facts=legal_facts())
def test_a_hostile_name_never_changes_a_figure(raw: str, facts: Facts) -> None:
    """A name with digits, braces or markup is refused or cleaned; the figures read back stay the same."""
    name = cleaned(f"{raw}{{offer}} 99% <b>")
    loose = cleaned(raw)

    assert name is None
    if loose is not None:
        assert not re.search(r"[0-9{}<>\[\]]", loose)
        named = Facts(loose, facts.tenure_months, facts.offer_percent, facts.contract, facts.valid_until)
        for draft in candidates(named):
            text = fill(draft, named)
            nameless = fill(draft.replace("Hi {name}, ", "Hello, "), named)

            assert stated(text, loose) == stated(nameless, None)


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
def test_each_context_has_its_drafts(context: Context) -> None:
    """Three different drafts at least, the offer stated whole, one next step, no discount words else."""
    found = drafts(context)
    discount = context.offer_percent > 0

    assert len(set(found)) == len(found) >= 3
    for draft in found:
        assert [draft.count(f"{{{slot}}}") for slot in ("offer", "duration", "valid_until")] == [discount] * 3
        assert draft.startswith("Hi {name}, " if context.has_name else "Hello, ")
        assert draft.count("eply to this ") == 1
        assert ("{tenure}" not in draft) or context.tenure != "unstated"
        assert ("Reply STOP to opt out." in draft) == (context.channel == "sms")
        if not discount:
            assert not re.search(r"off|discount|bill|save|offer", draft)


def test_drafts_are_made_once() -> None:
    """A million customers share the drafts of a few hundred contexts."""
    assert drafts(CONTEXTS[0]) is drafts(CONTEXTS[0])


def test_the_longest_facts_fit() -> None:
    """80 characters of name, 1200 months, the longest plan and day: every draft stays within 200.

    The opt-out line of a text message is not counted.
    """
    facts = Facts("W" * 80, 1200, 15, "month-to-month", date(2026, 9, 30))
    care = Facts("W" * 80, 1200, 0, "month-to-month", None)
    lengths = [
        len(fill(draft, each).removesuffix(" Reply STOP to opt out."))
        for each in (facts, care)
        for channel in CHANNELS
        for draft in candidates(each, channel)
    ]

    assert max(lengths) <= 200


def test_the_checker_reads_a_wrong_text_as_wrong() -> None:
    """The ruler itself: it sees another offer, another day, another tenure and a stray figure."""
    text = "Hi Sam, 15% off your next bill and 3 more for 13 months until 6 December 2026."

    assert stated(text, "Sam") == Stated({15}, {date(2026, 12, 6)}, {13}, 1, "3")
    assert slot_values(Facts("Sam", 13, 15, None, date(2026, 12, 6)))["valid_until"] in text
