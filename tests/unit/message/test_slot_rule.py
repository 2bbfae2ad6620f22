"""The slot rule: what cannot be written is not written, and what is left shares the probability."""

import re
from datetime import date
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.slots import SHORTEST, SLOTS, Facts, slot_values
from churn_saver.message.batches import Batch, head_of, token_figures
from churn_saver.message.low_rank import with_adapters
from churn_saver.message.pretrained import LanguageModel
from churn_saver.message.slot_rule import FULL, SlotRule
from churn_saver.message.writing import write
from tests.language_models import LORA, one_thread, small, stir

__all__ = ["one_thread"]
NAMED = [
    "facts {plan}",
    "facts {name} {plan}",
    "facts {name} {tenure} {plan} {offer} {duration} {valid_until}",
]
LEAST = slot_values(Facts("Al", 1, 5, None, date(2026, 5, 1)))
"""The shortest facts in words."""


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    """Make a small model that likes slots and the end: without a rule it writes them all the time."""
    made = with_adapters(small(), LORA, 0)
    stir(made, much=0.6)
    with torch.no_grad():
        head = head_of(made.network).weight
        assert isinstance(head, torch.Tensor)
        rule = SlotRule.of(made.tokenizer)
        head[[*rule.slots, rule.end]] *= 3.0
    return made


@pytest.mark.parametrize(
    ("named", "held", "slots", "end"),
    [
        ([], [], SLOTS, False),
        (["plan", "tenure"], [], ["name", "offer", "duration", "valid_until"], False),
        (["name", "plan"], [], ["tenure", "offer", "duration", "valid_until"], True),
        (["name", "plan"], ["name"], ["name", "tenure", "offer", "duration", "valid_until"], False),
        (SLOTS, ["name", "offer", "duration"], ["name", "offer", "duration"], True),
        (SLOTS, ["name", "offer", "valid_until"], ["name", "offer", "valid_until"], False),
    ],
)
def test_what_is_barred_by_hand(
    lm: LanguageModel, named: list[str], held: list[str], slots: list[str], end: bool
) -> None:
    """A slot without a fact, one that stands already, the end while name, offer or last day is owed."""
    rule, ids = SlotRule.of(lm.tokenizer), lm.tokenizer.get_vocab()
    told = len(slots) == len(SLOTS)
    lengths = (SHORTEST - 1, SHORTEST, FULL - 1, FULL)
    for last, length in product((rule.end, ids["a"], ids["."], rule.space), lengths):
        early = end or length < SHORTEST
        found = rule.barred(_marks(named), _marks(held), torch.tensor(last), torch.tensor(length))
        closed = last == ids["."]
        full = closed and not end and length == FULL

        assert found.tolist() == [*_marks(slots).tolist(), early, told, closed, last == rule.space, full]


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_drafts_keep_the_rule(lm: LanguageModel, seed: int) -> None:
    """Whatever is drawn: no slot that the prompt does not name, none twice, no end before what it owes."""
    prompts = NAMED * 4
    written = write(lm, prompts, max_new_tokens=24, temperature=1.5, seed=seed)

    for prompt, text, ended in zip(prompts, written.texts, written.ended.tolist(), strict=True):
        assert all(f"{{{slot}}}" in prompt for slot in SLOTS if f"{{{slot}}}" in text)
        assert all(text.count(f"{{{slot}}}") <= 1 for slot in SLOTS)
        owed = [slot for slot in ("{name}", "{offer}", "{valid_until}") if slot in prompt]
        assert not ended or all(slot in text for slot in owed)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_a_sentence_begins_with_a_capital_or_a_slot(lm: LanguageModel, seed: int) -> None:
    """Whatever is drawn: no word next to a full stop, no space before anything but a word or a slot."""
    written = write(lm, NAMED * 8, max_new_tokens=24, temperature=1.5, seed=seed)
    text = "\n".join(written.texts)

    assert not re.search(r"[.!?](?! [A-Z]| \{|\n|$| $)", text)
    assert not re.search(r"  | [^\w{]", text, re.ASCII)


def test_sentences_do_end_in_what_is_drawn(lm: LanguageModel) -> None:
    """The law above would not hold by itself: it says something of hundreds of sentences."""
    written = write(lm, NAMED * 40, max_new_tokens=24, temperature=1.5, seed=0)

    assert len(re.findall(r"[.!?] [A-Z{]", " ".join(written.texts))) > 20


def test_slots_are_as_wide_as_their_shortest_facts(lm: LanguageModel) -> None:
    """Filled by the words of the facts: Al, 1 month, 5%, plan, 1 May 2026."""
    rule = SlotRule.of(lm.tokenizer)

    assert rule.widths[list(rule.slots)].tolist() == [len(LEAST[slot]) for slot in SLOTS]


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_no_draft_that_ended_is_too_short(lm: LanguageModel, seed: int) -> None:
    """Whatever is drawn, filled with the shortest facts; a space that it begins with is counted too."""
    written = write(lm, NAMED * 4, max_new_tokens=40, temperature=1.5, seed=seed)
    filled = [text.format(**LEAST) for text in written.texts]

    assert all(
        len(text) >= SHORTEST - 1 for text, ended in zip(filled, written.ended.tolist(), strict=True) if ended
    )


def test_a_full_draft_ends_with_its_sentence(lm: LanguageModel) -> None:
    """From so many characters on the end is certain after a full stop, where nothing is owed."""
    rule, ids = SlotRule.of(lm.tokenizer), lm.tokenizer.get_vocab()
    named, held = _marks(["name", "plan"])[None], _marks(["name"])[None]
    barred = rule.barred(named, held, torch.tensor([ids["."]]), torch.tensor([FULL]))
    p = rule.apply(torch.randn(1, len(ids)), barred).softmax(dim=1)

    assert float(p[0, rule.end]) == 1.0


def test_words_that_end_a_sentence_and_words_that_begin_one(lm: LanguageModel) -> None:
    """By hand; the end is barred by what is owed alone."""
    rule, ids = SlotRule.of(lm.tokenizer), lm.tokenizer.get_vocab()
    named = ("a", "Ġa", ".", "!", "?", ",", "{name}", "Ġ")

    assert [bool(rule.closing[ids[word]]) for word in named] == [word in ".!?" for word in named]
    assert [bool(rule.opening[ids[word]]) for word in named] == [word == "Ġ" for word in named]
    assert rule.opening[rule.end]
    assert {token for token in ids if rule.opening[ids[token]]} >= {"ĠHi"}
    assert rule.widths[[ids[word] for word in named]].tolist() == [1, 2, 1, 1, 1, 1, 2, 1]


def test_a_draft_is_one_line_of_words(lm: LanguageModel) -> None:
    """Line breaks, figures, brackets and the padding can never come; letters, marks and the end can."""
    words, never = lm.tokenizer, set(SlotRule.of(lm.tokenizer).never)
    breaks = {token for token in words.get_vocab().values() if "\n" in words.decode([token])}

    assert breaks
    assert breaks <= never
    assert {words.pad_token_id, *(words.get_vocab()[mark] for mark in "7([{|%@")} <= never
    assert not never & {
        words.eos_token_id,
        *(words.get_vocab()[word] for word in ("a", "{name}", *".,:;?!'-")),
    }


def test_without_the_rule_slots_stand_where_they_may_not(lm: LanguageModel) -> None:
    """The law above would not hold by itself: the same model finds barred words likely."""
    batch = write(lm, NAMED[:1] * 8, max_new_tokens=12, temperature=1.0, seed=0).batch
    with torch.no_grad():
        logits = lm.network(input_ids=batch.ids, attention_mask=batch.attention.long()).logits
    barred = logits.softmax(dim=2)[:, :, list(SlotRule.of(lm.tokenizer).slots)].sum(dim=2)

    assert float(barred[batch.response].mean()) > 0.05


def test_log_probabilities_are_shares_of_what_is_left(lm: LanguageModel) -> None:
    """Against −∞ put in by hand, position by position, into the logits of the whole network."""
    written = write(lm, NAMED, max_new_tokens=40, temperature=1.0, seed=5)
    batch, rule = written.batch, SlotRule.of(lm.tokenizer)
    with torch.no_grad():
        found, entropy = token_figures(lm.network, batch, temperature=0.7)
        logits = lm.network(input_ids=batch.ids, attention_mask=batch.attention.long()).logits / 0.7

    for row in range(len(NAMED)):
        start = int((batch.attention[row] & ~batch.response[row]).sum())
        named = [slot for slot in rule.slots if slot in batch.ids[row, :start].tolist()]
        for place in range(start, start + int(batch.response[row].sum())):
            written_yet = batch.ids[row, start:place].tolist()
            owed = [s for s, must in zip(rule.slots, rule.demanded, strict=True) if must and s in named]
            left = logits[row, place - 1].clone()
            left[[*rule.never, *(slot for slot in rule.slots if slot not in named)]] = -torch.inf
            left[[slot for slot in rule.slots if slot in written_yet]] = -torch.inf
            text = str(lm.tokenizer.decode(written_yet, clean_up_tokenization_spaces=False))
            if text.endswith((".", "!", "?")):
                left[~rule.opening] = -torch.inf
            if written_yet and written_yet[-1] == rule.space:
                left[[word for word in range(len(left)) if word not in rule.slots]] = -torch.inf
            if all(slot in written_yet for slot in named):
                left[rule.space] = -torch.inf
            filled = text.format(**LEAST)
            if any(slot not in written_yet for slot in owed) or len(filled) < SHORTEST:
                left[rule.end] = -torch.inf
            p = left.softmax(dim=0)

            assert float(found[row, place]) == pytest.approx(float(p[batch.ids[row, place]].log()), abs=1e-4)
            assert float(entropy[row, place]) == pytest.approx(float(torch.special.entr(p).sum()), abs=1e-4)


def test_gradients_are_those_of_what_is_left(lm: LanguageModel) -> None:
    """Barred words pull nothing: the gradient against autograd's own, of log-softmax with −∞."""
    rule = SlotRule.of(lm.tokenizer)
    drawn = write(lm, NAMED, max_new_tokens=16, temperature=1.0, seed=6).batch
    ids, attention, response = (one.clone() for one in (drawn.ids, drawn.attention, drawn.response))
    batch = Batch(ids, attention, response, rule)
    weights = [p for p in lm.network.parameters() if p.requires_grad]
    found, spread = token_figures(lm.network, batch)
    ours = torch.autograd.grad(found.sum() + 0.3 * spread.sum(), weights, allow_unused=True)
    logits = lm.network(input_ids=batch.ids, attention_mask=batch.attention.long()).logits[:, :-1]
    barred = rule.barred_in(batch.ids, batch.attention, batch.response)[:, :-1]
    wide = torch.zeros_like(logits, dtype=torch.bool)
    wide[..., [*rule.slots, rule.end, rule.space]] = barred[..., :-3]
    wide |= barred[..., -3, None] & ~rule.opening
    wide |= barred[..., -2, None] & ~rule.found(torch.arange(wide.shape[-1])).any(dim=1)
    wide[..., list(rule.never)] = True
    log_p = logits.masked_fill(wide, -torch.inf).log_softmax(dim=2)
    chosen = log_p.gather(2, batch.ids[:, 1:, None])[:, :, 0]
    entropy = -(log_p.exp() * log_p.masked_fill(wide, 0.0)).sum(dim=2)
    inside = batch.response[:, 1:]
    theirs = torch.autograd.grad((chosen + 0.3 * entropy)[inside].sum(), weights, allow_unused=True)

    for mine, other in zip(ours, theirs, strict=True):
        assert (mine is None) == (other is None)
        if mine is not None and other is not None:
            torch.testing.assert_close(mine, other, atol=2e-4, rtol=2e-3)


def _marks(names: list[str] | tuple[str, ...]) -> torch.Tensor:
    return torch.tensor([slot in names for slot in SLOTS])
