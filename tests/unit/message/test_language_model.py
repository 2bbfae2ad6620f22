"""The door to language models: what opens, what is refused by name, and how pairs become tokens."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from churn_saver.errors import ArtifactError, ConfigError, InputError
from churn_saver.message.language_model import ASKING, LanguageModel, encode, open_base
from churn_saver.message.tiny_model import tiny
from tests.language_models import one_thread, small

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    """Make a small model once."""
    return small()


@pytest.fixture
def folder(tmp_path: Path, lm: LanguageModel) -> Path:
    """Save a small model where base models lie, vouched for."""
    place = tmp_path / "mine"
    lm.network.save_pretrained(place)
    lm.tokenizer.save_pretrained(place)
    files = {path.name: {"sha256": sha256(path.read_bytes()).hexdigest()} for path in place.iterdir()}
    (place / "manifest.json").write_text(json.dumps({"files": files}))
    return tmp_path


def test_tiny_is_the_same_model_every_time(tmp_path: Path) -> None:
    """Made from nothing, about 3 million numbers, each slot one token."""
    first, second = open_base("tiny", tmp_path), open_base("tiny", tmp_path)

    assert first.version == second.version
    assert 2_500_000 < sum(p.numel() for p in first.network.parameters()) < 3_500_000
    assert len(first.tokenizer("{name}{valid_until}")["input_ids"]) == 2


def test_a_model_of_a_folder_is_the_one_that_was_saved(folder: Path, lm: LanguageModel) -> None:
    """By its name below the folder of base models, and by its path; slots are not added twice."""
    by_name, by_path = open_base("mine", folder), open_base(str(folder / "mine"), folder / "elsewhere")

    assert by_name.name == "mine"
    assert len(by_name.tokenizer) == len(lm.tokenizer)
    assert by_name.version == by_path.version


def test_an_altered_file_is_refused_by_name(folder: Path) -> None:
    """One byte more in the weights, and nothing is opened."""
    with (folder / "mine" / "model.safetensors").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ArtifactError, match=r"model\.safetensors has SHA-256 .* it was altered or cut"):
        open_base("mine", folder)


def test_a_file_that_the_manifest_names_and_nobody_has_is_named(folder: Path) -> None:
    """Half a folder is not opened."""
    (folder / "mine" / "tokenizer.json").unlink()

    with pytest.raises(ArtifactError, match=r"tokenizer\.json cannot be read"):
        open_base("mine", folder)


def test_a_manifest_that_is_none_is_refused(folder: Path) -> None:
    """A list is no manifest."""
    (folder / "mine" / "manifest.json").write_text("[]")

    with pytest.raises(ArtifactError, match=r"is no manifest of a base model"):
        open_base("mine", folder)


def test_a_folder_without_a_model_says_what_was_wanted(tmp_path: Path) -> None:
    """An empty folder is no language model."""
    with pytest.raises(ArtifactError, match=r"cannot be opened as a language model .* wanted config\.json"):
        open_base(str(tmp_path), tmp_path)


def test_smollm2_that_was_not_made_says_how(tmp_path: Path) -> None:
    """One target makes it."""
    with pytest.raises(ConfigError, match=r"smollm2-135m is not in .*make base-model"):
        open_base("smollm2-135m", tmp_path)


def test_a_folder_that_is_not_there_is_not_asked_of_the_hub(tmp_path: Path) -> None:
    """A path is a path."""
    with pytest.raises(ConfigError, match=r"'?/no/such/model'? is no folder here"):
        open_base("/no/such/model", tmp_path)


def test_8_bits_need_a_gpu(folder: Path) -> None:
    """Without one the fix is named."""
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")

    with pytest.raises(ConfigError, match=r"load_in_8bit is true and there is no GPU: set it to false"):
        open_base("mine", folder, eight_bit=True)


def test_a_pair_is_prompt_border_response_and_end(lm: LanguageModel) -> None:
    """The border is put there once, nothing is merged over it, and the end belongs to the response."""
    batch = encode(lm, ["to a", f"to a{ASKING}"], ["Hi {name}.", "Hi"], 64)
    prompt = lm.tokenizer(f"to a{ASKING}")["input_ids"]
    response = [*lm.tokenizer("Hi {name}.")["input_ids"], lm.tokenizer.eos_token_id]

    assert batch.ids[0].tolist() == prompt + response
    assert batch.response[0].tolist() == [False] * len(prompt) + [True] * len(response)
    assert lm.tokenizer.decode(batch.ids[1][batch.attention[1]]) == f"to a{ASKING}Hi</s>"
    assert set(batch.ids[1][~batch.attention[1]].tolist()) == {lm.tokenizer.pad_token_id}


def test_rows_of_a_batch_stay_as_wide(lm: LanguageModel) -> None:
    """What was worked out for all rows still fits."""
    batch = encode(lm, ["a", "b", "c"], ["one", "two words", "three words, no less"], 64)

    some = batch.at(torch.tensor([2, 0]))

    assert some.ids.tolist() == batch.ids[[2, 0]].tolist()
    assert some.attention.shape == some.response.shape == (2, batch.ids.shape[1])


def test_a_row_that_is_too_long_is_named(lm: LanguageModel) -> None:
    """Row 1 has one token too many."""
    length = int(encode(lm, ["a"], ["Hi Hi Hi"], 64).attention.sum())

    with pytest.raises(InputError, match=rf"row 1 has .* wanted at most {length - 1} together"):
        encode(lm, ["a", "a"], ["Hi", "Hi Hi Hi"], length - 1)


@pytest.mark.parametrize(
    ("prompts", "responses", "said"),
    [([], [], r"there is no prompt"), (["a"], ["b", "c"], r"1 prompts have 2 responses")],
)
def test_pairs_that_are_none_are_refused(
    lm: LanguageModel, prompts: list[str], responses: list[str], said: str
) -> None:
    """Nothing, and one too many."""
    with pytest.raises(InputError, match=said):
        encode(lm, prompts, responses, 64)


def test_another_seed_is_another_version() -> None:
    """Weights count, and the tokenizer does."""
    versions = {
        small(seed=0).version,
        small(seed=1).version,
        tiny(["other words", "for other ends"], 0, width=16, layers=1).version,
    }

    assert len(versions) == 3


def test_more_tokens_than_a_model_reads_are_refused_by_name() -> None:
    """It reads 512: to allow 513 would end in an index out of range."""
    lm = open_base("tiny", Path())

    with pytest.raises(InputError, match=r"max_tokens is 513, and base_model tiny reads at most 512 tokens"):
        encode(lm, ["a"], ["b"], 513)
    assert encode(lm, ["a"], ["b"], 512).ids.shape[0] == 1
