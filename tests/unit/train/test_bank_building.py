"""Making a bank: what may be sent, the best first, no two alike, a few of each tone."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from churn_saver.config import BankSettings
from churn_saver.domain.briefs import TONES, Brief, every_brief, prompt_of
from churn_saver.domain.slot_places import MISPLACED_SLOT
from churn_saver.domain.slots import LONGEST, OPT_OUT_LINE, PLANS, SHORTEST, Context
from churn_saver.errors import GateError, TrainingError
from churn_saver.message.plain import drafts
from churn_saver.message.wording import fill
from churn_saver.train.bank_building import (
    UNFIT_SLOTS,
    Built,
    alike,
    build_bank,
    draft_violations,
    example_facts,
    written_violations,
)
from tests.banks import CONTEXT, GOOD, entry
from tests.builders import rules

RULES = rules().shield
SETTINGS = BankSettings(drafts=4, keep=2, most_alike=0.5, channels=("email",))
WARM, BRIEF = Brief(CONTEXT, "warm"), Brief(CONTEXT, "brief")
OTHER = "Hi {name}, enjoy {offer} off {duration} on your {plan}. Just reply to this email by {valid_until}."
THIRD = "Hello {name}, we would gladly take {offer} off {duration}. Please answer us by {valid_until}."
PUSHY = "Hi {name}, act now: {offer} off {duration} is yours. Reply by {valid_until}."


def no_report(what: str, done: int, total: int) -> None:
    """Keep progress to oneself."""


def by_length(prompts: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Find long texts good."""
    return np.array([float(len(text)) for text in texts])


class Told:
    """A writer that gives the same four drafts for every brief, and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        """Take what to write."""
        self.texts = texts
        self.asked: list[tuple[tuple[str, ...], int]] = []

    def __call__(self, prompts: Sequence[str], seed: int) -> list[str]:
        """Write them in turn."""
        self.asked.append((tuple(prompts), seed))
        return [self.texts[i % len(self.texts)] for i in range(len(prompts))]


def built(writer: Told, *briefs: Brief, settings: BankSettings = SETTINGS) -> Built:
    """Make a bank with it."""
    return build_bank(briefs, writer, by_length, RULES, settings, "tiny@01", 7, no_report)


def test_the_best_that_may_be_sent_are_kept_as_drafts() -> None:
    """Of four the pushy one is stopped and the shortest of the three others is spare."""
    made = built(Told(GOOD, PUSHY, OTHER, THIRD), WARM)

    assert [one.text for one in made.bank.entries] == [OTHER, THIRD]
    assert [one.score for one in made.bank.entries] == [float(len(OTHER)), float(len(THIRD))]
    assert {(one.review, one.model, one.brief) for one in made.bank.entries} == {("draft", "tiny@01", WARM)}
    assert made.counts() == {
        "written": 4, "stopped": {"banned_phrase": 1}, "alike": 0, "spare": 1, "kept": 2, "briefs_without": 0,
    }  # fmt: skip


def test_a_draft_is_asked_for_by_the_prompt_of_its_brief() -> None:
    """As often as there are to be drafts, with a seed that no other call has."""
    writer = Told(GOOD)
    many = tuple(Brief(Context(10, "settled", plan, has_name=True), tone) for plan in PLANS for tone in TONES)
    built(writer, *many, *(Brief(Context(5, "new", plan, has_name=True), "warm") for plan in PLANS), BRIEF)

    asked = [prompt for prompts, _ in writer.asked for prompt in prompts]
    seeds = [seed for _, seed in writer.asked]
    assert asked[:5] == [prompt_of(many[0])] * 4 + [prompt_of(many[1])]
    assert len(asked) == 17 * 4
    assert seeds[0] == 7
    assert len(set(seeds)) == len(seeds) > 1


def test_what_says_the_same_is_kept_once() -> None:
    """The very same text twice, and one that differs in a word."""
    nearly = GOOD.replace("Take {offer}", "Get {offer}")
    made = built(Told(GOOD, GOOD, nearly, OTHER), WARM, settings=SETTINGS.model_copy(update={"keep": 3}))

    assert alike(nearly, GOOD) > SETTINGS.most_alike > alike(GOOD, OTHER)
    assert [one.text for one in made.bank.entries] == [OTHER, GOOD]
    assert (made.alike, made.spare) == (2, 0)


def test_tones_of_a_context_do_not_repeat_each_other() -> None:
    """Both are written the same three texts: the best goes to the one, the next to the other."""
    made = built(Told(GOOD, OTHER, THIRD), WARM, BRIEF)

    found = {(one.brief.tone, one.text) for one in made.bank.entries}
    assert found == {("warm", OTHER), ("brief", THIRD), ("warm", GOOD)}
    assert len(made.bank.entries) == len({one.id for one in made.bank.entries})


def test_each_tone_has_its_quota() -> None:
    """However good the texts of another are."""
    one = SETTINGS.model_copy(update={"keep": 1, "most_alike": 1.0})
    made = built(Told(GOOD, OTHER, THIRD, OTHER), WARM, BRIEF, settings=one)

    assert [(entry.brief.tone, entry.text) for entry in made.bank.entries] == [
        ("brief", OTHER), ("warm", OTHER),
    ]  # fmt: skip


def test_a_brief_without_a_message_is_named() -> None:
    """The drafts have an offer, and there is none."""
    care = Brief(Context(0, "settled", None, has_name=True), "warm")
    made = built(Told(GOOD, OTHER), WARM, care)

    assert made.bare == (care,)
    assert made.stopped == {UNFIT_SLOTS: 4}


def test_a_slot_that_makes_nonsense_is_left_out_by_name() -> None:
    """The shield has nothing against it, and from a person it would be taken."""
    odd = GOOD.replace("Take {offer}", "We thank you for {offer}")
    made = built(Told(GOOD, odd), WARM)

    assert draft_violations(odd, WARM, RULES) == ()
    assert written_violations(odd, WARM, RULES) == (MISPLACED_SLOT,)
    assert written_violations(GOOD, WARM, RULES) == ()
    assert made.stopped == {MISPLACED_SLOT: 2}
    assert [one.text for one in made.bank.entries] == [GOOD]


def test_another_reason_is_told_before_the_place_of_a_slot() -> None:
    """The shield's codes, and slots that have no value at all."""
    pushy = PUSHY.replace("now: {offer}", "now and thank you for {offer}")

    assert written_violations(pushy, WARM, RULES) == draft_violations(pushy, WARM, RULES) != ()
    assert written_violations(GOOD.replace("{name}", "you"), WARM, RULES) == (UNFIT_SLOTS,)


def test_the_same_text_is_the_same_entry_in_every_bank() -> None:
    """Whatever else is written, by whatever seed."""
    one, other = built(Told(GOOD, OTHER), WARM), built(Told(THIRD, GOOD), WARM)

    (mine,) = (entry.id for entry in one.bank.entries if entry.text == GOOD)
    (yours,) = (entry.id for entry in other.bank.entries if entry.text == GOOD)
    assert mine == yours
    assert len(mine) == 16


def test_nothing_that_may_be_sent_is_an_error_with_the_reasons() -> None:
    """The most frequent first."""
    with pytest.raises(
        GateError, match=r"not one of 4 drafts may be sent \(banned_phrase 4\).*make train-text"
    ):
        built(Told(PUSHY), WARM)


def test_a_writer_or_a_scorer_that_is_out_of_order_is_named() -> None:
    """Another number of drafts than asked for, and a score that is none."""
    with pytest.raises(GateError, match=r"gave 1 drafts for 4 prompts"):
        build_bank((WARM,), lambda *_: [GOOD], by_length, RULES, SETTINGS, "m", 0, no_report)
    with pytest.raises(TrainingError, match=r"scores .* nan, wanted a finite number"):
        build_bank(
            (WARM,),
            Told(GOOD),
            lambda _, texts: np.full(len(texts), np.nan),
            RULES,
            SETTINGS,
            "m",
            0,
            no_report,
        )


def test_progress_counts_briefs() -> None:
    """Up to all of them."""
    told: list[tuple[str, int, int]] = []
    briefs = [Brief(Context(10, "settled", plan, has_name=True), tone) for plan in PLANS for tone in TONES]
    build_bank(
        [*briefs, *(Brief(Context(5, "long", plan, has_name=True), "warm") for plan in PLANS), BRIEF],
        Told(GOOD), by_length, RULES, SETTINGS, "m", 0, lambda *report: told.append(report),
    )  # fmt: skip

    assert told == [("writing messages", 16, 17), ("writing messages", 17, 17)]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("a b c d", "a b c d", 1.0),
        # abc, bcd against abc, bcx: one of two.
        ("a b c d", "a b c x", 0.5),
        # The shorter text's single run is found among three.
        ("a b c", "x a b c y", 1.0),
        ("A, b: c!", "a b c", 1.0),
        ("a b {offer}", "a b {plan}", 0.0),
        ("a b", "a b c", 0.0),
        ("", "", 1.0),
    ],
)
def test_alike_is_the_share_of_runs_of_three_words(one: str, other: str, share: float) -> None:
    """Worked by hand, and the same either way."""
    assert alike(one, other) == alike(other, one) == share


def test_example_facts_lie_in_their_context() -> None:
    """Both customers of all 384 contexts: what is written for the context can be filled for them."""
    for brief in every_brief():
        for facts in example_facts(brief.context):
            assert Context.of(facts, brief.context.channel) == brief.context
            for draft in drafts(brief.context):
                fill(draft, facts)


def test_plain_sentences_may_be_sent_on_every_channel() -> None:
    """Whatever channel the shield's rules were made for, and no draft of an opt-out line."""
    for brief in every_brief():
        line = OPT_OUT_LINE.get(brief.context.channel, "")
        for draft in drafts(brief.context):
            assert draft_violations(draft.removesuffix(line), brief, RULES) == ()


def test_a_text_is_judged_with_short_and_with_long_facts() -> None:
    """Long enough with a long name alone, short enough with a short name alone."""
    too_short = "Hi {name}: {offer} off {duration} to {valid_until}."
    too_long = (
        GOOD
        + " "
        + "We would be glad to hear from you about it at any time."
        + " It is a pleasure. Thank you."
    )

    assert len(fill(too_short, example_facts(CONTEXT)[0])) < SHORTEST
    assert len(fill(too_short, example_facts(CONTEXT)[1])) > SHORTEST
    assert "invalid_length" in draft_violations(too_short, WARM, RULES)
    assert len(fill(too_long, example_facts(CONTEXT)[0])) < LONGEST
    assert len(fill(too_long, example_facts(CONTEXT)[1])) > LONGEST
    assert draft_violations(too_long, WARM, RULES) == ("invalid_length",)


def test_the_twin_of_what_was_judged_does_not_come_back() -> None:
    """Neither of a rejected text nor of an approved one; a brief with an approved one is not bare."""
    twin = GOOD.replace("by {valid_until}", "to {valid_until}")
    for review, bare in (("rejected", (BRIEF,)), ("approved", ())):
        judged = [entry(0, twin, review=review, tone="brief")]
        made = build_bank(
            (WARM, BRIEF), Told(GOOD, GOOD, OTHER, GOOD), by_length, RULES, SETTINGS, "tiny@01", 7, no_report,
            judged,
        )  # fmt: skip

        assert [(one.text, one.brief) for one in made.bank.entries] == [(OTHER, WARM)]
        assert made.bare == bare


def test_a_bank_of_nothing_new_is_no_error() -> None:
    """All that was written had been judged before."""
    made = build_bank(
        (WARM,), Told(GOOD), by_length, RULES, SETTINGS, "tiny@01", 7, no_report, [entry(0, GOOD)]
    )  # fmt: skip

    assert len(made.bank) == 0
    assert made.alike == 4
