"""Arrays and notes in one file."""

import json
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray
from safetensors import safe_open

from churn_saver.adapters.plain_files import MOST_BYTES
from churn_saver.adapters.tensors import Format, pack, read_packed, unpack, write_packed
from churn_saver.errors import ArtifactError, InputError

KIND = Format("tests/sample", 3, "make sample")
DTYPES = ("float64", "float32", "int64", "uint64", "int32", "uint8", "bool")


def packed(**notes: object) -> bytes:
    """Pack two arrays."""
    return pack({"a": np.arange(6.0).reshape(2, 3), "b": np.array([True, False])}, notes, KIND)


def laid(header: str, data: bytes = b"") -> bytes:
    """Lay out a file with any header, by the format's own rules."""
    return struct.pack("<Q", len(header.encode())) + header.encode() + data


def about(**more: object) -> str:
    """Give a header of the right kind."""
    return json.dumps({"__metadata__": {"format": KIND.name, "version": "3"}, **more})


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=6).filter(lambda name: name != "__metadata__"),
        st.sampled_from(DTYPES).flatmap(
            lambda kind: arrays_of.arrays(kind, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=3))
        ),
        max_size=4,
    )
)
def test_arrays_come_back_bit_for_bit(arrays: dict[str, NDArray[np.generic]]) -> None:
    """Of every type and shape, NaN and −0 too; empty ones and single numbers keep their shape."""
    found = unpack(pack(arrays, {}, KIND), KIND, "it").arrays

    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


@given(st.dictionaries(st.sampled_from("pqrstu"), st.integers(), max_size=6))
def test_the_same_content_makes_the_same_bytes(notes: dict[str, int]) -> None:
    """In whatever order it is handed in, and however often."""
    arrays = {name: np.full(2, i) for i, name in enumerate("xyz")}
    backwards = {name: arrays[name] for name in reversed(arrays)}
    notes_backwards = {name: notes[name] for name in reversed(notes)}

    assert pack(arrays, notes, KIND) == pack(backwards, notes_backwards, KIND)


def test_the_bytes_are_those_of_the_format() -> None:
    """Worked by hand: length, header with sorted names padded to eight, then 1.0 in 32 bits."""
    header = (
        b'{"__metadata__":{"format":"tests/sample","n":"[1]","version":"3"},'
        b'"w":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}}'
    )
    header += b" " * (-len(header) % 8)

    found = pack({"w": np.ones(1, np.float32)}, {"n": [1]}, KIND)

    assert found == struct.pack("<Q", len(header)) + header + struct.pack("<f", 1.0)


def test_another_reader_reads_the_file(tmp_path: Path) -> None:
    """The format's own library, with the notes as text."""
    write_packed(tmp_path / "f", packed(note={"k": "é"}))

    with safe_open(tmp_path / "f", framework="np") as file:
        assert json.loads(file.metadata()["note"]) == {"k": "é"}
        np.testing.assert_array_equal(file.get_tensor("a"), [[0, 1, 2], [3, 4, 5]])


def test_arrays_that_lie_otherwise_are_written_as_they_read() -> None:
    """Transposed, every other one, and of the other byte order."""
    a = np.arange(6.0).reshape(2, 3)
    arrays = {"t": a.T, "s": a[:, ::2], "r": a[::-1], "o": a.astype(">f8")}

    found = unpack(pack(arrays, {}, KIND), KIND, "it").arrays

    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_is_read_may_be_written_to() -> None:
    """Copies of their own, in the order of their names."""
    found = unpack(packed(), KIND, "it").arrays
    found["a"][0] = 7

    assert list(found) == ["a", "b"]


@pytest.mark.parametrize("array", [np.array(["x"]), np.array([None]), np.zeros(1, "datetime64[s]")])
def test_what_is_no_number_is_not_written(array: NDArray[np.generic]) -> None:
    """Text, objects, times: nothing that could run code."""
    with pytest.raises(InputError, match=r"arrays of types .* cannot be written \(Unknown dtype.*hand in "):
        pack({"a": array}, {}, KIND)


def test_a_name_that_the_format_keeps_is_refused() -> None:
    """Of an array or of a note."""
    with pytest.raises(InputError, match=r"cannot be written \(a name is there twice among __metadata__"):
        pack({"__metadata__": np.zeros(1)}, {}, KIND)
    with pytest.raises(InputError, match=r"a note has the name 'version', which the format keeps"):
        pack({}, {"version": 1}, KIND)


@pytest.mark.parametrize("note", [float("nan"), {"k": object()}, {1, 2}])
def test_a_note_that_is_no_plain_value_is_refused(note: object) -> None:
    """NaN, an object, a set."""
    with pytest.raises(InputError, match=r"note 'n' is .*, wanted plain values"):
        pack({}, {"n": note}, KIND)


A = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


DAMAGED = {
    "empty": (b"", r"header too small"),
    "zip": (b"PK\x03\x04 something else", r"header too large"),
    "no header": (laid("["), r"invalid JSON in header"),
    "unknown type": (laid(about(a=A | {"dtype": "BF16", "shape": [2]}), bytes(4)), r"'BF16'"),
    "cut short": (laid(about(a=A), bytes(3)), r"not fully covered|incomplete"),
    "too wide": (laid(about(a=A | {"shape": [0, 2**63], "data_offsets": [0, 0]})), r"dimension exceeded"),
    "array twice": (laid(about(a=A)[:-1] + ',"a":' + json.dumps(A) + "}", bytes(4)), r"twice among .*, a, a"),
    "note twice": (laid(about()[:-2] + ',"format":"other"}}'), r"twice among format, format, version"),
    "no JSON": (laid(about()[:-2] + ',"n":"{"}}'), r"Expecting property name"),
    "NaN": (laid(about()[:-2] + ',"n":"NaN"}}'), r"NaN is no finite number"),
    "too large": (laid(about()[:-2] + ',"n":"1e999"}}'), r"1e999 is no finite number"),
    "too deep": (laid(about()[:-2] + ',"n":"' + "[" * 9_999 + '"}}'), r"recursion"),
}


@pytest.mark.parametrize(("raw", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(raw: bytes, message: str) -> None:
    """By name, with the reason and the fix; never with another error."""
    with pytest.raises(
        ArtifactError, match=rf"(?s)^it is no whole safetensors.*{message}.*step: make sample$"
    ):
        unpack(raw, KIND, "it")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (laid("{}"), r"it holds 'None', wanted 'tests/sample': it is another kind of file"),
        (laid('{"__metadata__":{}}'), r"it holds 'None', wanted 'tests/sample'"),
        (laid(about().replace("sample", "other")), r"it holds 'tests/other', wanted 'tests/sample'"),
        (laid(about().replace('"3"', '"4"')), r"it has version 4, wanted 3: another version of the code"),
        (laid('{"__metadata__":{"format":"tests/sample"}}'), r"it has version None, wanted 3"),
    ],
)
def test_another_kind_or_version_is_refused(raw: bytes, message: str) -> None:
    """It says what it holds and what was wanted."""
    with pytest.raises(ArtifactError, match=message + r".*\. Next step: make sample$"):
        unpack(raw, KIND, "it")


def test_nothing_of_a_file_with_another_hash_is_parsed(tmp_path: Path) -> None:
    """Although it is no safetensors file, only the hash is complained about."""
    (tmp_path / "f").write_bytes(b"altered")

    with pytest.raises(
        ArtifactError, match=r"f has SHA-256 [0-9a-f]{64}, wanted 00+: it was altered.*sample$"
    ):
        read_packed(tmp_path / "f", KIND, "0" * 64)


def test_what_was_written_is_read_by_its_hash(tmp_path: Path) -> None:
    """The hash that writing gave."""
    sha256 = write_packed(tmp_path / "f", packed(n=1))

    found = read_packed(tmp_path / "f", KIND, sha256)

    assert (found.notes, found.sha256) == ({"n": 1}, sha256)


def test_a_missing_file_names_what_makes_it(tmp_path: Path) -> None:
    """And so does a folder in its place."""
    with pytest.raises(ArtifactError, match=r"absent cannot be read \(No such file.*Next step: make sample"):
        read_packed(tmp_path / "absent", KIND)
    with pytest.raises(ArtifactError, match=r"cannot be read \(Is a directory.*Next step: make sample"):
        read_packed(tmp_path, KIND)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """It has a hole where its content would be, and would take a while."""
    with (tmp_path / "f").open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    with pytest.raises(ArtifactError, match=r"f has 268,435,457 bytes, most allowed 268,435,456\. Next step"):
        read_packed(tmp_path / "f", KIND)


@given(st.data())
def test_a_changed_file_is_refused_or_read(data: st.DataObject) -> None:
    """Cut short, or with other bytes anywhere: no other error, and no number that is not in the file."""
    raw = bytearray(packed(n={"k": [1, 2.5, None]}))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    whole = bytes(raw[: data.draw(st.sampled_from([len(raw), data.draw(st.integers(0, len(raw)))]))])

    with suppress(ArtifactError):
        found = unpack(whole, KIND, "it")

        assert all(array.tobytes() in whole for array in found.arrays.values())


def test_a_file_that_would_be_too_large_is_not_written(tmp_path: Path) -> None:
    """Nobody could read it back; neither arrays nor bytes."""
    with pytest.raises(InputError, match=r"sample would have 268,435,464 bytes, most allowed 268,435,456"):
        pack({"x": np.zeros(MOST_BYTES // 8 + 1)}, {}, KIND)
    with pytest.raises(InputError, match=r"f would have 268,435,457 bytes.*lower lora\.rank"):
        write_packed(tmp_path / "f", bytes(MOST_BYTES + 1))

    assert not (tmp_path / "f").exists()
