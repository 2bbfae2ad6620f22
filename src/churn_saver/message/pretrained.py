"""Language models as they are opened: weights and tokenizer from a folder or a hub, with the slots added.

A slot is one token, so a model can neither misspell it nor fill it. Nothing is fetched when a module
is imported. This module does not know how a model is trained or how it writes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import torch
from tokenizers import AddedToken
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as reports

from churn_saver.domain.slots import SLOTS
from churn_saver.errors import ArtifactError, ConfigError, InputError, shown
from churn_saver.message.device import best_device, placed
from churn_saver.message.hub import not_heard_of

MANIFEST = "manifest.json"
_ATTENTION = {"attn_implementation": "eager"}
"""On a CPU the gradient of the fused one takes a fifth of a training step of texts this short."""
SLOT_TOKENS = tuple(f"{{{slot}}}" for slot in SLOTS)
_VERSION_DIGITS = 16


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A causal language model that knows the slots."""

    network: PreTrainedModel
    """It, or a `PeftModel` around it, which passes on what is asked of it."""
    tokenizer: PreTrainedTokenizerFast
    """Slots added, padding and end set."""
    name: str
    """As asked for: smollm2-135m, tiny, a hub id or a folder."""
    version: str
    """16 hex digits over tokenizer and frozen weights; adapters count once they are merged.

    Weights in 8 bit have the version of the whole ones: what is trained on them is opened on those.
    """

    @property
    def context(self) -> int | None:
        """Say how many tokens it reads at once; None: its config names no end."""
        most = getattr(self.network.config, "max_position_embeddings", None)
        return most if isinstance(most, int) else None


def from_folder(name: str, folder: Path, eight_bit: bool = False) -> LanguageModel:
    """Open a model of a folder.

    Args:
        name: As asked for.
        folder: With config, weights and tokenizer; its files are compared with manifest.json, if it has one.
        eight_bit: Weights in 8 bit, on a GPU.

    Raises:
        ArtifactError: a file is not the one of the manifest, or the folder is no language model.
        ConfigError: 8 bit without a GPU or without bitsandbytes.
    """
    _verify(folder)
    try:
        return _open(name, str(folder), eight_bit, local=True)
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError(
            f"{folder} cannot be opened as a language model ({_first_line(error)}), wanted config.json, "
            "*.safetensors and tokenizer.json of a causal model"
        ) from error


def from_hub(name: str, eight_bit: bool = False) -> LanguageModel:
    """Open a model of the hub, or of its cache on this machine.

    The hub is asked once and answers in a few seconds, or the cache is all there is.

    Raises:
        ConfigError: no id of the hub, or of no causal language model; hub_offline, the hub cannot be reached
            or does not have it; or 8 bit without a GPU.
    """
    unheard = not_heard_of(name)
    try:
        return _open(name, name, eight_bit, local=unheard is not None)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"base_model {shown(name)} cannot be opened ({_first_line(error)}), wanted a causal language "
            "model: take another one, such as facebook/opt-350m"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"hub_offline: base_model {shown(name)} is neither here nor to be had from the hub "
            f"({_first_line(unheard or error)}). Three ways out: set base_model: smollm2-135m and run `make "
            "base-model`, which needs no hub; or download the model where the hub can be reached and name "
            "its folder; or set HF_ENDPOINT to a mirror of the hub"
        ) from error


def equipped(name: str, network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> LanguageModel:
    """Add the slots to a model, each beginning as the mean of its name's tokens.

    Args:
        name: As asked for.
        network: Changed: it may get more rows of embeddings.
        tokenizer: Changed: slots and padding are added.

    Raises:
        ConfigError: it has no token for the end of a text.
    """
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"base_model {shown(name)} has no token that ends a text: take another model")
    named = {slot: _plain_ids(tokenizer, slot.replace("_", " ")) for slot in SLOTS}
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=False) for token in SLOT_TOKENS])
    if tokenizer.pad_token_id in (None, tokenizer.eos_token_id):
        # The end is learned, so filling up with it would invite mistakes.
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        if len(tokenizer) > len(_embeddings(network)[0]):
            network.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        for weight in _embeddings(network):
            for slot, token in zip(SLOTS, slot_ids(tokenizer), strict=True):
                weight[token] = weight[named[slot]].float().mean(dim=0).to(weight.dtype)
    network.train(False)
    return LanguageModel(network, tokenizer, name, _version(network, tokenizer))


def slot_ids(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Give the ids of the slots, in the order of `domain.slots.SLOTS`."""
    return [tokenizer.get_vocab()[token] for token in SLOT_TOKENS]


def digest(before: str, tensors: Iterable[tuple[str, Tensor]]) -> str:
    """Hash named tensors, with their shapes, on top of what was hashed before."""
    found = hashlib.sha256(before.encode())
    for name, tensor in tensors:
        found.update(f"\0{name}{tuple(tensor.shape)}{tensor.dtype}\0".encode())
        found.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()[:_VERSION_DIGITS]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars off the screen, which is the command line's."""
    shows = reports.is_progress_bar_enabled()
    reports.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shows:
            reports.enable_progress_bar()  # type: ignore[no-untyped-call]


def _open(name: str, place: str, eight_bit: bool, local: bool) -> LanguageModel:
    tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=local)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ConfigError(
            f"base_model {shown(name)} has no fast tokenizer (tokenizer.json): take another model"
        )
    extra = _eight_bits() if eight_bit else {}
    lm = equipped(name, _network(place, local), tokenizer)
    return shrunk(lm, _network(place, local, **extra)) if extra else replace(lm, network=placed(lm.network))


def shrunk(whole: LanguageModel, network: PreTrainedModel) -> LanguageModel:
    """Take the same weights in less memory, under the version of the whole ones.

    Args:
        whole: As it is opened to be served.
        network: Of the same weights in 8 bit; slots are added.
    """
    return replace(equipped(whole.name, network, whole.tokenizer), version=whole.version)


def _network(place: str, local: bool, **extra: object) -> PreTrainedModel:
    with quiet():
        network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.float32, local_files_only=local, use_safetensors=True, **_ATTENTION, **extra
        )
    return network


def _eight_bits() -> dict[str, object]:
    if best_device().type != "cuda":
        raise ConfigError(
            "load_in_8bit is true and there is no GPU: set it to false; on a CPU, training runs in bfloat16"
        )
    if find_spec("bitsandbytes") is None:
        raise ConfigError("load_in_8bit needs bitsandbytes. Next step: pip install bitsandbytes")
    wanted = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return {"quantization_config": wanted, "device_map": {"": best_device()}}


def _verify(folder: Path) -> None:
    """Compare the files with the manifest; a folder without one was not made here and is taken as it is."""
    path = folder / MANIFEST
    if not path.is_file():
        return
    try:
        files = {
            str(name): str(entry["sha256"]) for name, entry in json.loads(path.read_bytes())["files"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path} is no manifest of a base model ({error!r}): make it again") from error
    for name, wanted in files.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ArtifactError(
                f"{folder / name} cannot be read ({error.strerror}): make it again"
            ) from error
        if found != wanted:
            raise ArtifactError(
                f"{folder / name} has SHA-256 {found}, its manifest says {wanted}: it was altered or cut. "
                "Make it again"
            )


def _version(network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> str:
    words = tokenizer.backend_tokenizer.to_str()
    return digest(words, sorted(network.state_dict().items()))


def _embeddings(network: PreTrainedModel) -> list[Tensor]:
    """Give the table of tokens, and the head's beside it where it is another."""
    layers = (network.get_input_embeddings(), network.get_output_embeddings())  # type: ignore[no-untyped-call]
    tables = {id(layer.weight): layer for layer in layers if isinstance(layer, nn.Embedding | nn.Linear)}
    return [layer.weight for layer in tables.values()]


def _plain_ids(tokenizer: PreTrainedTokenizerFast, words: str) -> list[int]:
    found: list[int] = tokenizer(f" {words}", add_special_tokens=False)["input_ids"]
    if not found:
        raise InputError(f"the tokenizer has no tokens for {words!r}, wanted one that knows English")
    return found


def _first_line(error: Exception) -> str:
    return shown(str(error).strip().split("\n")[0], 160)
