"""Writing: the tokens that were drawn are the tokens that are given back, and they stop where they end."""

import pytest
import torch

from churn_saver.domain.slots import SHORTEST
from churn_saver.errors import InputError
from churn_saver.message.batches import token_log_probs
from churn_saver.message.low_rank import with_adapters
from churn_saver.message.pretrained import LanguageModel
from churn_saver.message.slot_rule import SlotRule
from churn_saver.message.writing import write
from tests.language_models import LORA, one_thread, small, stir

__all__ = ["one_thread"]
PROMPTS = ["to a customer", "brief sms to a new customer, please", "x", "to a customer"]


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    """Make a small model with opinions: adapters that were moved."""
    made = with_adapters(small(), LORA, 0)
    stir(made, much=0.6)
    return made


def ending(word: str, then: str) -> LanguageModel:
    """Make a model that writes only the two tokens: their head alone is not nought, and equal."""
    made = small()
    with torch.no_grad():
        made.network.get_parameter("model.decoder.final_layer_norm.weight").zero_()
        made.network.get_parameter("model.decoder.final_layer_norm.bias").fill_(1.0)
        head = made.network.get_parameter("lm_head.weight")
        head.zero_()
        for token in (word, then):
            head[made.tokenizer.convert_tokens_to_ids(token)] = 5.0
    return made


def test_the_likeliest_words_are_those_of_a_loop_without_memory(lm: LanguageModel) -> None:
    """Against reading everything again at each step, one row at a time, without filling.

    No prompt names a slot, so no draft holds one.
    """
    rule = SlotRule.of(lm.tokenizer)
    written = write(lm, PROMPTS, max_new_tokens=8, temperature=0.0, seed=0, batch_size=3)

    for row in range(len(PROMPTS)):
        ids = written.batch.ids[row][written.batch.attention[row] & ~written.batch.response[row]]
        for _ in range(int(written.batch.response[row].sum())):
            with torch.no_grad():
                logits = lm.network(input_ids=ids[None]).logits[0, -1]
            logits[[*rule.slots, *rule.never]] = -torch.inf
            ids = torch.cat((ids, logits.argmax()[None]))

        assert ids.tolist() == written.batch.ids[row][written.batch.attention[row]].tolist()


def test_draws_do_not_depend_on_the_company(lm: LanguageModel) -> None:
    """Same seed, same texts, in batches of any size; another seed, others."""
    texts = [
        write(lm, PROMPTS, seed=3, batch_size=size, max_new_tokens=12, temperature=1.0).texts
        for size in (1, 2, 64)
    ]

    assert texts[0] == texts[1] == texts[2]
    assert texts[0] != write(lm, PROMPTS, seed=4, max_new_tokens=12, temperature=1.0).texts


def test_words_are_drawn_as_often_as_they_are_likely() -> None:
    """Two tokens of equal weight and 518 words in all: e^80 to 1 against the others, so a half each."""
    lm = ending("a", "b")
    written = write(lm, ["x"] * 4_000, max_new_tokens=1, temperature=1.0, seed=0, batch_size=4_000)

    # 4,000 fair coins: one standard deviation is 0.0079.
    assert written.texts.count("a") / 4_000 == pytest.approx(0.5, abs=0.03)
    assert set(written.texts) == {"a", "b"}


def test_a_row_stops_at_its_end() -> None:
    """The end is the last token of its response, and no text follows.

    Fifty letters are certain, before which no draft may end; the number of those that follow is geometric.
    """
    lm = ending("a", "</s>")
    written = write(lm, ["x", "to a customer"] * 500, max_new_tokens=SHORTEST + 6, temperature=1.0, seed=1)
    end = lm.tokenizer.eos_token_id
    lengths = written.batch.response.sum(dim=1) - SHORTEST

    for row, text in enumerate(written.texts):
        told = written.batch.ids[row][written.batch.response[row]].tolist()
        assert told == [lm.tokenizer.convert_tokens_to_ids("a")] * len(text) + [end] * bool(
            written.ended[row]
        )
    # Cut after 6 with chance 2^-6 = 0.016; the mean is 2·(1 - 2^-6) = 1.97.
    assert float((~written.ended).float().mean()) == pytest.approx(0.016, abs=0.015)
    assert float(lengths.float().mean()) == pytest.approx(1.97, abs=0.15)


def test_temperature_sharpens() -> None:
    """Head weights 16·5 against 16·5: doubled or halved alike, and at nought the first of the likeliest."""
    lm = ending("a", "</s>")
    cold = write(lm, ["x"] * 5, max_new_tokens=SHORTEST + 2, temperature=0.0, seed=0)

    assert cold.ended.all()
    assert set(cold.texts) == {"a" * SHORTEST}


def test_the_batch_is_what_figures_are_asked_of(lm: LanguageModel) -> None:
    """The likeliest words have no lower log-probability than drawn ones, first word by first word."""
    cold = write(lm, PROMPTS, max_new_tokens=5, temperature=0.0, seed=0)
    warm = write(lm, PROMPTS, max_new_tokens=5, temperature=1.0, seed=0)
    first = []
    for written in (cold, warm):
        places = written.batch.response.float().argmax(dim=1)
        with torch.no_grad():
            first.append(token_log_probs(lm.network, written.batch)[torch.arange(len(PROMPTS)), places])

    assert bool((first[0] >= first[1] - 1e-5).all())


def test_texts_keep_slots_and_spaces() -> None:
    """A slot is read back as it is written in a draft."""
    lm = ending("{valid_until}", "{name}")
    text = write(lm, ["{name} {valid_until}"], max_new_tokens=2, temperature=1.0, seed=0).texts[0]

    assert text.replace("{valid_until}", "").replace("{name}", "") == ""
    assert text.count("{") == 2


@pytest.mark.parametrize(
    ("prompts", "tokens", "temperature", "said"),
    [
        ([], 4, 1.0, r"there is no prompt"),
        (["x"], 0, 1.0, r"max_new_tokens 0"),
        (["x"], 4, -1.0, r"temperature is -1"),
        (["x", "y " * 600], 4, 1.0, r"prompt 1 has \d+ tokens and 4 are to follow, tiny reads 512"),
    ],
)
def test_what_cannot_be_written_is_refused(
    lm: LanguageModel, prompts: list[str], tokens: int, temperature: float, said: str
) -> None:
    """By name, before a word is drawn."""
    with pytest.raises(InputError, match=said):
        write(lm, prompts, max_new_tokens=tokens, temperature=temperature, seed=0)
