"""What a file of grown trees must be before the boosting library may see it.

The library walks its trees without looking: a child beyond the last node reads foreign memory, one that leads
back never ends, and a few digits in place of a number of classes fill the memory. So the file is read here
first, and only trees as our own trainings grow them pass: one score, whole numbers where they belong,
children below their parents. Knows nothing of what the columns mean or what the trees answer.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.binary_json import read_binary_json
from churn_saver.errors import ArtifactError, quoted

MOST_LEVELS = 64
"""Splits from a root to a leaf; tabular.yaml allows 12, and asking for contributions takes memory by their
square."""
_LEAF = -1
_NOBODY = 2**31 - 1
"""Parent of a root."""
_BY_NODE = (
    "base_weights", "default_left", "left_children", "loss_changes", "parents", "right_children",
    "split_conditions", "split_indices", "split_type", "sum_hessian",
)  # fmt: skip
_BY_CATEGORY = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
"""The library goes to where these point whatever the type of the split; trees on numbers have none."""
Whole = NDArray[np.int64]


def require_grown(content: bytes) -> None:
    """Refuse bytes that are no trees, or trees that the boosting library could not be asked safely.

    Args:
        content: What `save_raw("ubj")` gave, or what pretends to be it.

    Raises:
        ArtifactError: cut short, altered, or of another kind than our trainings grow; says what.
    """
    learner = _object(_object(read_binary_json(content), "the file"), "the file", "learner")
    columns = _learner(learner)
    booster = _object(learner, "the learner", "gradient_booster")
    _equal(booster, "name", "gbtree")
    model = _object(booster, "the booster", "model")
    trees = model.get("trees")
    if not isinstance(trees, list) or not trees:
        raise ArtifactError("it holds no trees")
    _forest(model, len(trees))
    _nodes([_object(tree, "a tree") for tree in trees], columns)


def _learner(learner: Mapping[str, object]) -> int:
    """Give the number of columns; one score and no classes."""
    about = _object(learner, "the learner", "learner_model_param")
    _equal(about, "num_class", "0")
    _equal(about, "num_target", "1")
    names, columns = learner.get("feature_names"), about.get("num_feature")
    if not isinstance(columns, str) or not columns.isdecimal() or not 0 < len(columns) <= 6:
        raise ArtifactError(f"num_feature is {quoted(str(columns))}, wanted the number of columns")
    if not isinstance(names, list) or len(names) not in (0, int(columns)):
        raise ArtifactError(f"feature_names is {quoted(str(names))}, wanted {columns} or none")
    return int(columns)


def _forest(model: Mapping[str, object], trees: int) -> None:
    """Trees are asked one after the other, all for the same score, and split on numbers alone."""
    about = _object(model, "the model", "gbtree_model_param")
    _equal(about, "num_trees", str(trees))
    _equal(about, "num_parallel_tree", "1")
    if _counts(model, "tree_info") != [0] * trees:
        raise ArtifactError("tree_info is not 0 for each tree: they were grown for several scores")
    if _counts(model, "iteration_indptr") != list(range(trees + 1)):
        raise ArtifactError(f"iteration_indptr does not count from 0 to {trees:,}, one tree a round")
    if not all(map(_is_empty, _object(model.get("cats", {}), "cats").values())):
        raise ArtifactError("cats is not empty: they were grown on categories, wanted numbers alone")


def _nodes(trees: Sequence[Mapping[str, object]], columns: int) -> None:
    """Look at the nodes of all trees at once."""
    sizes = np.array([_size(tree, number) for number, tree in enumerate(trees)])
    left, right, split, kind, parents = (
        np.concatenate([_whole(tree, name) for tree in trees])
        for name in ("left_children", "right_children", "split_indices", "split_type", "parents")
    )
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    own = np.arange(len(left)) - first
    last = np.repeat(sizes, sizes)
    inner = left != _LEAF
    if not (inner == (right != _LEAF)).all():
        raise ArtifactError("a node has one child, wanted two or none")
    for children in (left, right):
        if (inner & ((children <= own) | (children >= last))).any():
            raise ArtifactError("a child stands before its parent or outside its tree")
    if kind.any() or ((split < 0) | (split >= columns)).any():
        raise ArtifactError(f"a node splits on something else than one of {columns:,} columns of numbers")
    below = np.concatenate([(left + first)[inner], (right + first)[inner]])
    above = np.full(len(own), _NOBODY)
    above[below] = np.tile(own[inner], 2)
    # A node below two others multiplies the ways that contributions go down, level by level.
    if (np.bincount(below, minlength=len(own)) != (own > 0)).any() or (parents != above).any():
        raise ArtifactError("a node is not the child of the one node that it names as its parent")
    _shallow(left + first, right + first, inner, np.flatnonzero(own == 0))


def _shallow(left: Whole, right: Whole, inner: NDArray[np.bool_], roots: Whole) -> None:
    """Go down all trees level by level. Shapes: (nodes,) each, places among all nodes; roots (trees,)."""
    here = roots[inner[roots]]
    levels = 0
    while len(here):
        if levels == MOST_LEVELS:
            raise ArtifactError(f"a tree has more than {MOST_LEVELS} levels")
        below = np.unique(np.concatenate([left[here], right[here]]))
        here = below[inner[below]]
        levels += 1


def _size(tree: Mapping[str, object], number: int) -> int:
    """Count the nodes of a tree; all that is said of them is said of as many."""
    about = _object(tree, f"tree {number:,}", "tree_param")
    found = [tree.get(name) for name in _BY_NODE]
    counts = {len(one) if isinstance(one, np.ndarray) else None for one in found}
    size = counts.pop()
    if counts or not size or str(about.get("num_nodes")) != str(size):
        raise ArtifactError(f"tree {number:,} does not say the same of each of its nodes")
    if str(about.get("size_leaf_vector")) not in ("0", "1"):
        raise ArtifactError(f"tree {number:,} answers with several numbers, wanted one")
    if not all(_is_empty(tree.get(name, [])) for name in _BY_CATEGORY):
        raise ArtifactError(f"tree {number:,} has categories, wanted splits on numbers alone")
    return size


def _whole(tree: Mapping[str, object], name: str) -> Whole:
    found = tree[name]
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iu":
        raise ArtifactError(f"{name} of a tree is no row of whole numbers")
    return found.astype(np.int64)


def _is_empty(found: object) -> bool:
    return isinstance(found, (list, np.ndarray)) and not len(found)


def _counts(found: Mapping[str, object], name: str) -> list[int]:
    """Give a list of whole numbers, empty where it is none."""
    inside = found.get(name)
    return inside if isinstance(inside, list) and all(type(one) is int for one in inside) else []


def _object(found: object, where: str, name: str | None = None) -> Mapping[str, object]:
    """Give an object, or the one of this name in it."""
    inside = found.get(name) if name is not None and isinstance(found, dict) else found
    if not isinstance(inside, dict):
        raise ArtifactError(f"{where} is no object" if name is None else f"{where} has no object {name!r}")
    return inside


def _equal(found: Mapping[str, object], name: str, wanted: str) -> None:
    inside = found.get(name)
    if not isinstance(inside, str) or inside != wanted:
        raise ArtifactError(f"{name} is {quoted(str(inside))}, wanted {wanted!r}")
