"""Trained policies on disk: one safetensors file each, with its certificate and where it came from.

Weights have 32 bits in the file and 64 in memory; a network whose weights 32 bits do not hold is not
written, so that what was certified is what is served. Knows nothing of training.
"""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from churn_saver.adapters.tensors import Format, Packed, pack, read_packed, write_packed
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, listed, quoted
from churn_saver.policy.certificate import Certificate, ServedPolicy
from churn_saver.policy.network import PolicyNetwork, Scaling
from churn_saver.policy.state import Floats

FORMAT = Format("churn_saver/ppo_policy", 1, "make train-ppo, then make bench-policy")
_NOTES = ("observation", "scaling", "contact_bias", "certificate", "provenance")
_VERSION_DIGITS = 16
_MOST = float(np.finfo(np.float32).max)


def policy_file(name: str) -> str:
    """Name the file of a policy, by its rung."""
    return f"ppo_policy_{name}.safetensors"


def rounded(network: PolicyNetwork) -> PolicyNetwork:
    """Round weights to what 32 bits hold; to be done before certifying.

    Raises:
        InputError: a weight is too large for 32 bits.
    """
    with np.errstate(over="ignore"):
        weights = [array.astype(np.float32).astype(np.float64) for array in network.weights]
        biases = [array.astype(np.float32).astype(np.float64) for array in network.biases]
    return replace(network, weights=tuple(weights), biases=tuple(biases))


def write_policy(path: Path, policy: ServedPolicy) -> str:
    """Write a policy, whole or not at all; the same policy always makes the same bytes.

    Returns:
        The file's SHA-256, which a ladder vouches with.

    Raises:
        InputError: weights that 32 bits do not hold, a provenance that is no plain values, or a place
            that cannot be written to.
    """
    return write_packed(path, policy_bytes(policy))


def policy_bytes(policy: ServedPolicy) -> bytes:
    """Give the bytes that `write_policy` writes.

    Raises:
        InputError: weights that 32 bits do not hold, or a provenance that is no plain values.
    """
    network, arrays = policy.network, {}
    for layer, pair in enumerate(zip(network.weights, network.biases, strict=True)):
        for name, array in zip(_names_of(layer), pair, strict=True):
            with np.errstate(over="ignore"):
                arrays[name] = array.astype(np.float32)
            if not np.array_equal(arrays[name], array):
                raise InputError(
                    f"{name} of the policy has weights that 32 bits do not hold, so another policy would be "
                    "served than was certified. Round it first: policies.rounded, then certify"
                )
    notes = {
        "observation": network.observation,
        "scaling": asdict(network.scaling),
        "contact_bias": float(network.contact_bias),
        "certificate": policy.certificate.to_dict(),
        "provenance": dict(policy.provenance),
    }
    return pack(arrays, notes, FORMAT)


def read_policy(path: Path, sha256: str | None) -> ServedPolicy:
    """Read a policy.

    Args:
        path: Which.
        sha256: Nothing is parsed of a file with another hash; None: any file will do.

    Raises:
        ArtifactError: missing, altered, damaged, of another format or version, or no policy; says why.
    """
    return _policy_of(read_packed(path, FORMAT, sha256), str(path))


def _policy_of(packed: Packed, origin: str) -> ServedPolicy:
    try:
        notes = object_of(packed.notes, _NOTES, "the header")
        observation, provenance = notes["observation"], notes["provenance"]
        if not isinstance(observation, str):
            raise ArtifactError(f"observation is {quoted(str(observation))}, wanted a text")
        if not isinstance(provenance, dict):
            raise ArtifactError(f"provenance is {quoted(str(provenance))}, wanted an object")
        weights, biases = _layers(packed)
        network = PolicyNetwork(
            observation,
            _scaling(notes["scaling"]),
            tuple(weights),
            tuple(biases),
            _contact_bias(notes["contact_bias"]),
        )
        certificate = Certificate.from_dict(notes["certificate"])
    except (ArtifactError, InputError) as error:
        raise ArtifactError(f"{origin}: {error}. Next step: {FORMAT.next_step}") from error
    return ServedPolicy(network, certificate, provenance, packed.sha256[:_VERSION_DIGITS])


def _names_of(layer: int) -> tuple[str, str]:
    return f"w{layer}", f"b{layer}"


def _layers(packed: Packed) -> tuple[list[Floats], list[Floats]]:
    """Sort tensors into weights and biases, each of its kind, none missing and none too many."""
    arrays = packed.arrays
    depth = max((sum(name[:1] == letter for name in arrays) for letter in "wb"), default=0)
    wanted = {name: 2 - part for layer in range(max(depth, 1)) for part, name in enumerate(_names_of(layer))}
    missing, unknown = sorted(wanted.keys() - arrays.keys()), sorted(arrays.keys() - wanted.keys())
    if missing:
        raise ArtifactError(f"the tensors lack {listed(missing)}")
    if unknown:
        raise ArtifactError(f"the tensors hold {listed(unknown)}, wanted {listed(list(wanted))} alone")
    for name, dimensions in wanted.items():
        array = arrays[name]
        if array.dtype != np.float32 or array.ndim != dimensions:
            raise ArtifactError(
                f"tensor {name} is of {array.dtype} and shape {array.shape}, wanted float32 and "
                f"{dimensions} dimensions"
            )
    # Some NaN make a cast warn; whatever is no number, the network refuses.
    with np.errstate(invalid="ignore"):
        layers = [[arrays[name].astype(np.float64) for name in _names_of(layer)] for layer in range(depth)]
    return [weight for weight, _ in layers], [bias for _, bias in layers]


def _scaling(raw: object) -> Scaling:
    """Read what observations are divided by; what would divide by 0 is refused."""
    scaling = record_of(Scaling, raw, "scaling")
    if not (scaling.bill > 0.0 and 0.0 <= scaling.hazard_factor <= 1.0):
        raise ArtifactError(
            f"scaling has bill {scaling.bill} and hazard_factor {scaling.hazard_factor}, wanted more than 0, "
            "and 0 to 1"
        )
    return scaling


def _contact_bias(raw: object) -> float:
    if type(raw) not in (int, float) or not abs(float(str(raw))) <= _MOST:
        raise ArtifactError(f"contact_bias is {quoted(str(raw))}, wanted a number")
    return float(str(raw))
