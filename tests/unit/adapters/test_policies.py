"""Trained policies on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.adapters.policies import (
    FORMAT,
    policy_bytes,
    policy_file,
    read_policy,
    rounded,
    write_policy,
)
from churn_saver.adapters.tensors import pack, unpack
from churn_saver.adapters.trainings import write_training
from churn_saver.errors import ArtifactError, InputError
from churn_saver.policy.certificate import ServedPolicy
from churn_saver.policy.network import INPUTS, n_features
from tests.trained import network, seen, served

Changed = Mapping[str, NDArray[np.generic] | None]


def altered(notes: Mapping[str, object] | None = None, tensors: Changed | None = None) -> bytes:
    """Give a policy's file with notes and tensors changed; None takes one out."""
    found = unpack(policy_bytes(served()), FORMAT, "it")
    arrays = {**found.arrays, **(tensors or {})}
    told = {**found.notes, **(notes or {})}
    kept = {name: array for name, array in arrays.items() if array is not None}
    return pack(kept, {name: note for name, note in told.items() if note is not None}, FORMAT)


def read_from(folder: Path, raw: bytes) -> ServedPolicy:
    """Read a policy out of a file that holds just this."""
    path = folder / "it"
    path.write_bytes(raw)
    return read_policy(path, None)


@pytest.mark.parametrize("observation", INPUTS)
def test_what_is_written_decides_the_same(tmp_path: Path, observation: str) -> None:
    """The same logits to the last bit, the same decisions, and all that vouches for them."""
    policy = served(observation)
    path = tmp_path / policy_file("ppo")

    sha256 = write_policy(path, policy)
    found = read_policy(path, sha256)

    x, everything = seen(observation, 500), (np.ones(500, np.bool_), np.ones((500, 4), np.bool_))
    np.testing.assert_array_equal(found.network.logits(x), policy.network.logits(x))
    for answer, before in zip(
        found.network.act(x, *everything), policy.network.act(x, *everything), strict=True
    ):
        np.testing.assert_array_equal(answer, before)
    assert (found.network.scaling, found.network.contact_bias) == (policy.network.scaling, 0.1)
    assert (found.certificate, found.provenance) == (policy.certificate, policy.provenance)
    assert found.version == sha256[:16]
    assert path.name == "ppo_policy_ppo.safetensors"


def test_weights_have_32_bits_in_the_file_and_64_in_memory(tmp_path: Path) -> None:
    """By layer: w0, b0, w1 and so on."""
    raw = policy_bytes(served())

    found = unpack(raw, FORMAT, "it").arrays
    held = read_from(tmp_path, raw).network.weights

    assert sorted(found) == ["b0", "b1", "b2", "w0", "w1", "w2"]
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}
    assert {array.dtype for array in held} == {np.dtype(np.float64)}


def test_what_would_serve_otherwise_than_certified_is_not_written(tmp_path: Path) -> None:
    """A third has no end in 32 bits: refused, with the tensor's name; rounded first, it is written."""
    policy = served()
    first, *others = policy.network.biases
    uneven = replace(policy.network, biases=(np.full_like(first, 1 / 3), *others))

    with pytest.raises(InputError, match=r"^b0 of the policy has weights that 32 bits do not hold.*rounded"):
        write_policy(tmp_path / "p", replace(policy, network=uneven))
    write_policy(tmp_path / "p", replace(policy, network=rounded(uneven)))

    x = seen("full", 100)
    kept = read_policy(tmp_path / "p", None).network
    np.testing.assert_array_equal(kept.logits(x), rounded(uneven).logits(x))
    np.testing.assert_array_equal(kept.biases[0], np.full_like(first, np.float32(1 / 3)))


def test_a_weight_that_32_bits_cannot_reach_is_refused() -> None:
    """1e39 is infinite there."""
    known = network()
    huge = replace(known, biases=(np.full_like(known.biases[0], 1e39), *known.biases[1:]))

    with pytest.raises(InputError, match=r"NaN or inf"):
        rounded(huge)
    with pytest.raises(InputError, match=r"^b0 of the policy has weights that 32 bits do not hold"):
        policy_bytes(replace(served(), network=huge))


def test_the_same_policy_makes_the_same_bytes() -> None:
    """In another process too, whatever its hashes begin with."""
    script = (
        "import hashlib; from tests.trained import served; from churn_saver.adapters.policies import *;"
        "print(hashlib.sha256(policy_bytes(served())).hexdigest(), hash('a'))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]

    assert runs[0][0] == runs[1][0]
    assert runs[0][1] != runs[1][1]


def test_a_provenance_that_is_no_plain_values_is_refused() -> None:
    """By the name of the note."""
    with pytest.raises(InputError, match=r"note 'provenance' is .*, wanted plain values"):
        policy_bytes(replace(served(), provenance={"seed": np.int64(1)}))


def test_a_training_is_no_policy(tmp_path: Path) -> None:
    """It says what the file holds."""
    write_training(tmp_path / "t", {}, {})

    with pytest.raises(
        ArtifactError, match=r"t holds 'churn_saver/ppo_training', wanted 'churn_saver/ppo_pol"
    ):
        read_policy(tmp_path / "t", None)


def test_an_altered_file_is_not_parsed(tmp_path: Path) -> None:
    """The hash is compared first, and the message says what to do."""
    sha256 = write_policy(tmp_path / "p", served())
    (tmp_path / "p").write_bytes(b"altered")

    with pytest.raises(
        ArtifactError, match=rf"p has SHA-256 .*, wanted {sha256}.*make train-ppo, then make ben"
    ):
        read_policy(tmp_path / "p", sha256)


SCALING = asdict(network().scaling)
FLOAT = np.float32
NO_POLICY: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no scaling": ({"scaling": None}, {}, r"the header lacks scaling"),
    "more notes": ({"more": 1}, {}, r"the header holds more, wanted observation"),
    "no bill": ({"scaling": SCALING | {"bill": 0}}, {}, r"scaling has bill 0\.0 and .*, wanted more than 0"),
    "bill as text": (
        {"scaling": SCALING | {"bill": "9"}},
        {},
        r"scaling\.bill is '9', wanted a finite number",
    ),
    "half a scaling": (
        {"scaling": {"bill": 60.0}},
        {},
        r"scaling lacks hazard_factor, cooldown_days, contact_cap, horizon_days, low_price, high_price",
    ),
    "hazard": ({"scaling": SCALING | {"hazard_factor": 2}}, {}, r"hazard_factor 2\.0, wanted .* 0 to 1"),
    "prices": (
        {"observation": "full_price", "scaling": SCALING | {"low_price": 31}},
        {"w0": np.ones((n_features("full_price"), 5), FLOAT)},
        r"the policy sees a price from 31\.0 to 30\.0, wanted",
    ),
    "bias": ({"contact_bias": "0"}, {}, r"contact_bias is '0', wanted a number"),
    "huge bias": ({"contact_bias": 1e39}, {}, r"contact_bias is '1e\+39', wanted a number"),
    "observation": ({"observation": "twelve"}, {}, r"observation is 'twelve', wanted one of nine, full"),
    "no text": ({"observation": 9}, {}, r"observation is '9', wanted a text"),
    "another observation": (
        {"observation": "nine"},
        {},
        r"shapes .* wanted a chain from 22 features to 14 logits.*this checkpoint is of another observation",
    ),
    "certificate": ({"certificate": {}}, {}, r"certificate lacks rows, caps, assumptions"),
    "provenance": ({"provenance": [1]}, {}, r"provenance is '\[1\]', wanted an object"),
    "missing bias": ({}, {"b1": None}, r"the tensors lack b1"),
    "missing layer": ({}, {"b1": None, "w1": None}, r"the tensors lack b1, w1"),
    "no tensors": ({}, dict.fromkeys(("w0", "w1", "w2", "b0", "b1", "b2")), r"the tensors lack b0, w0"),
    "more tensors": (
        {},
        {"x": np.ones(1, FLOAT)},
        r"the tensors hold x, wanted w0, b0, w1, b1, w2, b2 alone",
    ),
    "one more": ({}, {"w3": np.ones((14, 14), FLOAT)}, r"the tensors lack b3"),
    "64 bits": (
        {},
        {"b1": np.ones(4)},
        r"tensor b1 is of float64 and shape \(4,\), wanted float32 and 1 dim",
    ),
    "flat": ({}, {"w1": np.ones(20, FLOAT)}, r"tensor w1 is of float32 and shape \(20,\), .* and 2 dim"),
    "deep": ({}, {"b2": np.ones((14, 1), FLOAT)}, r"tensor b2 .* shape \(14, 1\), wanted .* 1 dim"),
    "wrong shape": ({}, {"w1": np.ones((4, 5), FLOAT)}, r"the policy's layers have shapes .*\(4, 5\)"),
    "odd NaN": ({}, {"b1": np.full(4, 0x7F800001, np.uint32).view(FLOAT)}, r"weights hold NaN or inf"),
    "NaN": ({}, {"b1": np.full(4, np.nan, FLOAT)}, r"the policy's weights hold NaN or inf"),
}


@pytest.mark.parametrize(("notes", "tensors", "message"), NO_POLICY.values(), ids=NO_POLICY)
def test_what_is_no_policy_is_refused(
    tmp_path: Path, notes: Mapping[str, Any], tensors: Changed, message: str
) -> None:
    """By name, with the file and the fix."""
    with pytest.raises(
        ArtifactError, match=rf"/it: .*{message}.*\. Next step: make train-ppo, then make bench"
    ):
        read_from(tmp_path, altered(notes, tensors))


@given(st.data())
def test_a_changed_file_is_refused_or_a_policy(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut short, or with other bytes anywhere: no other error, and never a weight that is no number."""
    raw = bytearray(policy_bytes(served()))
    header = int.from_bytes(raw[:8], "little")
    for place in data.draw(st.lists(st.integers(0, header + 40), min_size=1, max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.sampled_from([len(raw), len(raw) - 1, header, header // 2]))

    with suppress(ArtifactError):
        policy = read_from(tmp_path_factory.getbasetemp(), bytes(raw[:end]))

        assert isinstance(policy, ServedPolicy)
        assert json.dumps(policy.certificate.to_dict(), allow_nan=False)
        assert all(np.isfinite(array).all() for array in (*policy.network.weights, *policy.network.biases))
