"""What every opened model has: the slots as tokens, an end, a filling that is not the end, and a version."""

import time
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from churn_saver.domain.slots import SLOTS
from churn_saver.errors import ConfigError
from churn_saver.message.pretrained import SLOT_TOKENS, digest, equipped, from_hub, shrunk, slot_ids
from tests.language_models import one_thread, small

__all__ = ["one_thread"]


def test_each_slot_is_one_token_between_the_same_spaces() -> None:
    """What is tokenised is read back sign by sign."""
    tokenizer = small().tokenizer
    text = "Hi {name},  {tenure}{offer} of {plan}. ({duration}) {valid_until}!"
    ids = tokenizer(text)["input_ids"]

    assert tokenizer.decode(ids) == text
    assert [found for found in ids if found in slot_ids(tokenizer)] == slot_ids(tokenizer)
    assert list(SLOT_TOKENS) == [f"{{{slot}}}" for slot in SLOTS]


def test_a_slot_begins_as_the_mean_of_its_name() -> None:
    """Valid until: the mean over the tokens of " valid until", not a random row."""
    lm = small()
    weight = lm.network.get_parameter("model.decoder.embed_tokens.weight")
    ids = lm.tokenizer(" valid until")["input_ids"]

    torch.testing.assert_close(weight[slot_ids(lm.tokenizer)[-1]], weight[ids].mean(dim=0))


def test_filling_is_not_the_end() -> None:
    """So nobody learns to stop from what was filled up."""
    tokenizer = small().tokenizer

    assert tokenizer.pad_token_id != tokenizer.eos_token_id


def test_equipping_twice_adds_nothing() -> None:
    """A model that was saved with slots is opened as it was."""
    lm = small()
    again = equipped(lm.name, lm.network, lm.tokenizer)

    assert again.version == lm.version
    assert len(again.tokenizer) == again.network.get_parameter("lm_head.weight").shape[0]


def test_a_model_without_an_end_is_refused() -> None:
    """It would write for ever."""
    endless = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer(models.BPE())
    )

    with pytest.raises(ConfigError, match=r"base_model mine has no token that ends a text"):
        equipped("mine", small().network, endless)


def test_the_hub_out_of_reach_names_three_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make base-model`, a folder, a mirror."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(ConfigError, match=r"hub_offline.*make base-model.*name its folder.*HF_ENDPOINT"):
        from_hub("nobody/has-this-model")


def test_a_hub_that_does_not_answer_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not for each file and many times over: it is told in a moment, and nothing else is printed."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()

    with pytest.raises(ConfigError, match=r"hub_offline: .*refused"):
        from_hub("nobody/has-this-model")
    assert time.monotonic() - started < 5
    assert capfd.readouterr() == ("", "")


def test_what_is_no_language_model_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the cache lies one of another kind: said in words, without a trace."""
    kept = tmp_path / "models--nobody--seer"
    snapshot = kept / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("0123")
    small().tokenizer.save_pretrained(snapshot)
    (snapshot / "config.json").write_text('{"model_type": "seer"}')
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(ConfigError, match=r"base_model nobody/seer cannot be opened .*wanted a causal"):
        from_hub("nobody/seer")


def test_a_digest_knows_names_shapes_and_numbers() -> None:
    """16 digits; any of the three changes them, and so does what came before."""
    ones = torch.ones(2, 3)
    seen = [
        digest("", [("a", ones)]),
        digest("", [("b", ones)]),
        digest("", [("a", ones.reshape(3, 2))]),
        digest("", [("a", 2 * ones)]),
        digest("", [("a", ones.bfloat16())]),
        digest("x", [("a", ones)]),
    ]

    assert len(set(seen)) == len(seen)
    assert {len(one) for one in seen} == {16}
    assert digest("", [("a", ones.clone())]) == seen[0]


def test_weights_in_less_memory_have_the_version_of_the_whole_ones() -> None:
    """So what was trained on them is opened again, on the whole ones; the slots are there as well."""
    whole, half = small(), small().network
    torch.nn.Module.to(half, torch.bfloat16)

    found = shrunk(whole, half)

    assert found.version == whole.version != equipped(whole.name, half, whole.tokenizer).version
    assert found.network is half
    assert found.tokenizer is whole.tokenizer
