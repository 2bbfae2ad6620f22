"""A language model as one GGUF file, for the runtime that writes while a customer waits (`adapters.live`).

Weights are rounded to 8 bits (Q8_0), tables and all; norms stay whole. The file is written with gguf's own
writer; what it has no place for is refused by name, and before the folder appears the runtime reads the file
and must think what torch thinks (`compared`). Llama's architecture only, which the shipped base has: for OPT
the runtime has no code.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType
from gguf.quants import quantize
from numpy.typing import NDArray
from transformers import LlamaConfig, LlamaForCausalLM

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import read_bytes, write_folder
from churn_saver.adapters.live_files import MANIFEST, MODEL, SCHEMA
from churn_saver.adapters.live_runtime import Runtime
from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.errors import InputError, listed
from churn_saver.message.language_model import ASKING, LanguageModel
from churn_saver.train.gguf_tokens import add_tokens

Q8_0, F32 = "Q8_0", "F32"
"""8 bits, a quarter of the memory and faster; or whole, to see that nothing but rounding is between."""
MOST_APART = 0.5
"""Nats between runtime and torch, as a mean: 8 bits of random weights stay below a half of it."""
_PROMPTS, _STEPS = 2, 6
"""That are compared after an export."""
_BLOCK = 32
"""Weights that share a scale: a row must be a multiple of it."""
_KINDS = {Q8_0: LlamaFileType.MOSTLY_Q8_0, F32: LlamaFileType.ALL_F32}
_LAYER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
"""Names of a layer's weights, in transformers and in GGUF."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near the runtime is to torch, in nats, over the likeliest tokens of every step."""

    largest: float
    mean: float
    same_first: float
    """Share of steps at which both find the same token likeliest."""
    steps: int


def export_gguf(lm: LanguageModel, folder: Path, precision: str = Q8_0) -> Path:
    """Write a model for the runtime; the folder appears whole or not at all.

    Args:
        lm: Without adapters: `merged(...)` of it.
        folder: Gets `model.gguf` and a manifest with its hash.
        precision: Q8_0 or F32.

    Returns:
        The file.

    Raises:
        InputError: another architecture, weights or settings that the file has no place for, adapters still
            on, a tokenizer that the runtime does not have, a file that the runtime reads otherwise, or a
            place that cannot be written to.
        ConfigError: the extra `live` is not installed.
        ArtifactError: the runtime cannot load the file.
    """
    with tempfile.TemporaryDirectory(prefix="gguf-") as scratch:
        path = Path(scratch) / MODEL
        _write(lm, path, precision)
        _agree(lm, path)
        content = read_bytes(path, "export the model again")
    manifest = canonical(
        {
            "schema": SCHEMA,
            "model": {"name": lm.name, "version": lm.version},
            "precision": precision,
            "asking": ASKING,
            "files": {MODEL: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}},
        }
    )
    write_folder(folder, {MODEL: content, MANIFEST: manifest}, keep_others=False)
    return folder / MODEL


@torch.inference_mode()
def compared(
    lm: LanguageModel, runtime: Runtime, prompts: Sequence[str], steps: int, top: int = 10
) -> Agreement:
    """Let torch write greedily, and compare what it thinks at each step with what the runtime thinks there.

    Args:
        lm: That was exported.
        runtime: With the exported file.
        prompts: As `prompt_of` words them.
        steps: Tokens of each.
        top: Likeliest tokens that are compared at a step.
    """
    network, tokenizer = lm.network, lm.tokenizer
    differences, firsts = list[float](), list[bool]()
    for prompt in prompts:
        ids: list[int] = tokenizer(prompt + ASKING)["input_ids"]
        asked: str | list[int] = prompt + ASKING  # the first time as text: the runtime's own tokens count too
        for _ in range(steps):
            row = network(input_ids=torch.tensor([ids], device=network.device)).logits[0, -1]
            log_p = row.float().log_softmax(dim=0).cpu()
            told = runtime.next_token(asked, top)
            if told:
                firsts.append(int(log_p.argmax()) == max(told, key=lambda token: told[token]))
                differences += [abs(float(log_p[token]) - found) for token, found in told.items()]
            ids = asked = [*ids, int(log_p.argmax())]
    if not differences:
        raise InputError("there was nothing to compare, wanted at least one prompt and one step")
    return Agreement(max(differences), float(np.mean(differences)), float(np.mean(firsts)), len(firsts))


def _agree(lm: LanguageModel, path: Path) -> None:
    """Refuse a file that the runtime reads otherwise than torch."""
    briefs = list(every_brief())
    prompts = [prompt_of(brief) for brief in briefs[:: len(briefs) // _PROMPTS]]
    apart = compared(lm, Runtime(path, threads=1), prompts, _STEPS).mean
    if not apart <= MOST_APART:
        raise InputError(
            f"the live runtime reads the export of {lm.name} otherwise than torch: log-probabilities are "
            f"{apart:.2f} nats apart on average, wanted at most {MOST_APART}. Nothing was written; "
            "its messages serve through the bank"
        )


def _write(lm: LanguageModel, path: Path, precision: str) -> None:
    network = lm.network
    if not isinstance(network, LlamaForCausalLM):
        raise InputError(
            f"{lm.name} is a {type(network).__name__}, wanted LlamaForCausalLM without adapters, "
            "as smollm2-135m is: other architectures serve through the bank"
        )
    config: LlamaConfig = network.config
    if config.hidden_size % _BLOCK or config.intermediate_size % _BLOCK:
        raise InputError(
            f"{lm.name} has layers of {config.hidden_size} and {config.intermediate_size}, wanted multiples "
            f"of {_BLOCK}"
        )
    _require_known(lm.name, network, config)
    writer = GGUFWriter(path, "llama")
    try:
        _describe(writer, lm.name, config, precision)
        add_tokens(writer, lm.tokenizer, config.vocab_size)
        for name, array in _tensors(network, config):
            if array.ndim == 1 or precision == F32:
                writer.add_tensor(name, array)
                continue
            packed = quantize(array, GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _require_known(name: str, network: LlamaForCausalLM, config: LlamaConfig) -> None:
    """Refuse by name what would be left out in silence: weights, and settings that the file cannot say."""
    known = {"model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"}
    known |= {f"model.layers.{n}.{one}.weight" for n in range(config.num_hidden_layers) for one in _LAYER}
    rope = dict(config.rope_parameters or {})
    wanted = {
        "rope_type": (rope.get("rope_type", "default"), "default"),
        "hidden_act": (config.hidden_act, "silu"),
    }
    odd = [f"{key} is {found}, wanted {want}" for key, (found, want) in wanted.items() if found != want]
    if extra := sorted(network.state_dict().keys() - known):
        odd.append(f"{len(extra)} weights have no place ({listed(extra)}), wanted none such as biases")
    if odd:
        raise InputError(
            f"{name} cannot be exported for the live runtime: {'; '.join(odd)}. Its messages serve through "
            "the bank"
        )


def _describe(writer: GGUFWriter, name: str, config: LlamaConfig, precision: str) -> None:
    heads = config.num_attention_heads
    writer.add_name(name)
    writer.add_file_type(_KINDS[precision])
    writer.add_quantization_version(2)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads or heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim or config.hidden_size // heads)
    rope = dict(config.rope_parameters or {})
    writer.add_rope_freq_base(float(rope["rope_theta"]))
    writer.add_vocab_size(config.vocab_size)


def _tensors(network: LlamaForCausalLM, config: LlamaConfig) -> Iterator[tuple[str, Floats]]:
    weights = network.state_dict()

    def array(name: str) -> Floats:
        found: Floats = weights[f"{name}.weight"].detach().to("cpu", torch.float32).numpy()
        return found

    yield "token_embd.weight", array("model.embed_tokens")
    yield "output_norm.weight", array("model.norm")
    if not config.tie_word_embeddings:
        yield "output.weight", array("lm_head")
    for layer in range(config.num_hidden_layers):
        for name, told in _LAYER.items():
            found = array(f"model.layers.{layer}.{name}")
            if told == "attn_q":
                found = _interleaved(found, config.num_attention_heads)
            elif told == "attn_k":
                found = _interleaved(found, config.num_key_value_heads or config.num_attention_heads)
            yield f"blk.{layer}.{told}.weight", found


def _interleaved(weight: Floats, heads: int) -> Floats:
    """Order the rows of each head as the runtime turns them: pairs side by side, not half a head apart.

    transformers turns row i with row i + d / 2, GGUF's llama row 2i with 2i + 1.
    """
    halves = weight.reshape(heads, 2, -1, weight.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))
