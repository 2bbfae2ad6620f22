"""The model made from nothing: any text can be written with it, and the same seed makes the same one."""

import pytest
import torch

from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.errors import InputError
from churn_saver.message.batches import encoded, token_log_probs
from churn_saver.message.low_rank import with_adapters
from churn_saver.message.plain import drafts
from churn_saver.message.tiny_model import plain_texts, tiny
from churn_saver.message.writing import write
from tests.language_models import LORA, TEXTS, one_thread, small

__all__ = ["one_thread"]


def test_the_same_seed_and_texts_make_the_same_model() -> None:
    """And draw nothing from the dice that others use."""
    torch.manual_seed(5)
    before = torch.get_rng_state()

    assert small(1).version == small(1).version != small(2).version
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("text", ["Grüße, 你好 😀", "a\n\tb  c", "", "{name}{nobody}"])
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    """Letters that were in no text come as bytes."""
    tokenizer = small().tokenizer

    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_its_texts_are_all_prompts_and_all_plain_drafts() -> None:
    """Each once, in a fixed order."""
    texts = plain_texts()
    brief = next(every_brief())

    assert texts[0].startswith(prompt_of(brief))
    assert set(drafts(brief.context)) <= set(texts)
    assert len(set(texts)) == len(texts)


def test_it_learns() -> None:
    """Adapters on all layers: 200 steps on one pair, and it writes that pair's response."""
    lm = with_adapters(tiny(TEXTS, 0, width=64, layers=2), LORA, 0)
    text = "Hi {name}, thank you for {tenure} with us. Please reply."
    batch = encoded(lm.tokenizer, ["to {name} {tenure}"], [text], 64)
    optimiser = torch.optim.Adam([p for p in lm.network.parameters() if p.requires_grad], lr=0.01)
    for _ in range(200):
        optimiser.zero_grad()
        (-token_log_probs(lm.network, batch).sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    written = write(lm, ["to {name} {tenure}"], max_new_tokens=60, temperature=0.0, seed=0)
    assert written.texts == (text,)
    assert written.ended.all()


def test_no_text_is_refused() -> None:
    """A vocabulary comes from somewhere."""
    with pytest.raises(InputError, match=r"no text to learn a vocabulary from"):
        tiny([], 0)
