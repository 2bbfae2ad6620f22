"""Boosted models taken apart, altered and put together again, by the format's own rules."""

import struct
from typing import Any

import numpy as np
import xgboost

_MARKS = {"|i1": b"i", "|u1": b"U", ">i4": b"l", ">i8": b"L", ">f4": b"d", ">f8": b"D"}
_ROWS = (
    ("base_weights", ">f4"), ("default_left", "|u1"), ("left_children", ">i4"), ("loss_changes", ">f4"),
    ("parents", ">i4"), ("right_children", ">i4"), ("split_conditions", ">f4"), ("split_indices", ">i4"),
    ("split_type", "|u1"), ("sum_hessian", ">f4"),
)  # fmt: skip


def grown(trees: int = 2, **settings: object) -> bytes:
    """Grow a few trees on two columns of noise, and give them as the library writes them."""
    x = np.random.default_rng(0).random((60, 2)).astype(np.float32)
    rows = xgboost.DMatrix(x, (x[:, 0] > 0.5).astype(np.float64), feature_names=["a", "b"], nthread=1)
    recipe = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1, "seed": 0} | settings
    return bytes(xgboost.train(recipe, rows, trees).save_raw("ubj"))


def length(count: int) -> bytes:
    """Write how many follow."""
    return b"L" + struct.pack(">q", count)


def written(value: Any) -> bytes:
    """Write a value as the library does."""
    if isinstance(value, dict):
        return b"{" + b"".join(_text(name) + written(one) for name, one in value.items()) + b"}"
    if isinstance(value, list):
        return b"[#" + length(len(value)) + b"".join(map(written, value))
    if isinstance(value, np.ndarray):
        return b"[$" + _MARKS[value.dtype.str] + b"#" + length(len(value)) + value.tobytes()
    if isinstance(value, str):
        return b"S" + _text(value)
    if isinstance(value, float):
        return b"d" + struct.pack(">f", value)
    if value is None or isinstance(value, bool):
        return {None: b"Z", True: b"T", False: b"F"}[value]
    # As the library tells them apart: the ends of a type's range go to the next one.
    sizes = ((b"i", ">b", 7), (b"I", ">h", 15), (b"l", ">i", 31), (b"L", ">q", 63))
    mark, form, _ = next(size for size in sizes if -(2 ** size[2]) < value < 2 ** size[2] - 1)
    return mark + struct.pack(form, value)


def chain(levels: int) -> dict[str, Any]:
    """Make a tree whose right children are split so many times, its left ones never."""
    nodes = 2 * levels + 1
    tree: dict[str, Any] = {name: np.zeros(nodes, kind) for name, kind in _ROWS}
    inner = np.arange(0, nodes - 1, 2)
    for name, step in (("left_children", 1), ("right_children", 2)):
        tree[name] = np.full(nodes, -1, ">i4")
        tree[name][inner] = inner + step
        tree["parents"][inner + step] = inner
    tree["parents"][0] = 2**31 - 1
    about = {"num_deleted": "0", "num_feature": "2", "num_nodes": str(nodes), "size_leaf_vector": "1"}
    return tree | {"id": 0, "tree_param": about}


def _text(value: str) -> bytes:
    raw = value.encode()
    return length(len(raw)) + raw
