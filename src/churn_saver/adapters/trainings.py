"""The state of an interrupted training on disk, bit for bit: one safetensors file, replaced as a whole.

Arrays are whatever the recipe needs to go on; its notes say of which training they are. Knows nothing
of what is in the arrays.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.tensors import Arrays, Format, Notes, pack, read_packed, write_packed
from churn_saver.errors import ArtifactError, quoted

FORMAT = Format("churn_saver/ppo_training", 1, "remove the file, or pass --fresh to begin anew")
_MOST_TOLD = 3
"""Differences named; the others are counted."""


def training_file(name: str) -> str:
    """Name the file of a training, by the rung that it makes."""
    return f"ppo_policy_{name}.training.safetensors"


def write_training(path: Path, arrays: Arrays, notes: Notes, kind: Format = FORMAT) -> None:
    """Write the state over the last one; a writer that is killed leaves the last one.

    Args:
        path: Where.
        arrays: By name.
        notes: Plain values by name: what `read_training` is to compare, and what else it should give.
        kind: Of training.

    Raises:
        InputError: no plain notes, arrays of a type the format does not know, or a place that cannot
            be written to.
    """
    write_packed(path, pack(arrays, notes, kind))


def read_training(
    path: Path, wanted: Mapping[str, object], kind: Format = FORMAT
) -> tuple[dict[str, NDArray[np.generic]], dict[str, object]]:
    """Read the state of the training that is to go on, and of no other.

    Args:
        path: Which.
        wanted: Notes that the file must have, with these values: digests of settings and population,
            the observation, whatever would make it another training.
        kind: Of training.

    Returns:
        Arrays, copies that may be written to, and all notes.

    Raises:
        ArtifactError: missing, damaged, of another version, or of another training; names what differs.
    """
    packed = read_packed(path, kind)
    differ = [part for name, value in wanted.items() for part in _differing(name, packed.notes, value)]
    differ[_MOST_TOLD:] = [f"and {len(differ) - _MOST_TOLD} more"] if len(differ) > _MOST_TOLD else []
    if differ:
        raise ArtifactError(
            f"{path} is of another training: {'; '.join(differ)}. Next step: {kind.next_step}"
        )
    return packed.arrays, packed.notes


def _differing(name: str, notes: Mapping[str, object], wanted: object) -> list[str]:
    """Say what of one note is not as wanted; of a group of values which of them."""
    found, plain = notes.get(name), json.loads(json.dumps(wanted))
    if isinstance(found, dict) and isinstance(plain, dict):
        inside = {key: f"{name}.{key}" for key in sorted(found.keys() | plain.keys())}
        there = {inside[key]: value for key, value in found.items()}
        return [part for key, full in inside.items() for part in _differing(full, there, plain.get(key))]
    if name in notes and found == plain:
        return []
    return [f"{name} is {quoted(str(found))}, wanted {quoted(str(wanted))}"]
