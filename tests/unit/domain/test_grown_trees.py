"""What a file of grown trees must be before the boosting library may see it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.binary_json import read_binary_json
from churn_saver.domain.grown_trees import MOST_LEVELS, require_grown
from churn_saver.errors import ArtifactError
from tests.binary_models import chain, grown, written

MODEL = grown(3)


def opened() -> Any:
    """Take the model apart, ready to be altered."""
    return read_binary_json(MODEL)


def model_of(found: Any) -> Any:
    """Give the part that holds the trees."""
    return found["learner"]["gradient_booster"]["model"]


def changed(name: str, node: int, value: int) -> Callable[[Any], None]:
    """Alter one number of the second tree."""

    def change(found: Any) -> None:
        tree = model_of(found)["trees"][1]
        tree[name] = tree[name].copy()
        tree[name][node] = value

    return change


def put(value: object, *path: str) -> Callable[[Any], None]:
    """Put a value somewhere below the learner."""

    def change(found: Any) -> None:
        place = found["learner"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def in_tree(value: object, *path: str) -> Callable[[Any], None]:
    """Put a value somewhere in the first tree."""

    def change(found: Any) -> None:
        place = model_of(found)["trees"][0]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def only(levels: int) -> bytes:
    """Put one deep tree in place of all."""
    found = opened()
    model = model_of(found)
    model["trees"] = [chain(levels)]
    model["gbtree_model_param"]["num_trees"] = "1"
    model["tree_info"], model["iteration_indptr"] = [0], [0, 1]
    return written(found)


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_what_a_training_grows_passes(depth: int) -> None:
    """Scores and effects, trees of a root alone, columns that may only rise."""
    require_grown(grown(20, max_depth=depth))
    require_grown(grown(3, objective="reg:squarederror", max_depth=depth))
    require_grown(grown(3, gamma=1e9, max_depth=depth))
    require_grown(grown(3, monotone_constraints={"a": 1}, max_depth=depth))


def test_what_was_put_together_again_passes() -> None:
    """So the refusals below are for what was altered, not for how it was written."""
    require_grown(written(opened()))


BOOSTER, MODEL_PATH = "gradient_booster", ("gradient_booster", "model")
FAULTS: dict[str, tuple[Callable[[Any], None], str]] = {
    "child outside": (changed("left_children", 0, 10**6), r"a child stands before its parent or outside"),
    "child of its own": (changed("right_children", 0, 0), r"a child stands before its parent or outside"),
    "child above": (changed("left_children", 2, 1), r"a child stands before|one child"),
    "child below zero": (changed("left_children", 0, -7), r"a child stands before its parent or outside"),
    "one child": (changed("right_children", 0, -1), r"a node has one child, wanted two or none"),
    "column outside": (changed("split_indices", 0, 2), r"splits on something else than one of 2 columns"),
    "column below zero": (changed("split_indices", 0, -1), r"splits on something else than one of 2 columns"),
    "category": (changed("split_type", 0, 1), r"splits on something else than one of 2 columns of numbers"),
    "a foreign parent": (changed("parents", 1, 10**9), r"not the child of the one node that it names"),
    "a parent below zero": (changed("parents", 1, -7), r"not the child of the one node that it names"),
    "another parent": (changed("parents", 1, 2), r"not the child of the one node that it names"),
    "a parent of the root": (changed("parents", 0, 1), r"not the child of the one node that it names"),
    "a child twice": (changed("left_children", 0, 2), r"not the child of the one node that it names"),
    "categories": (in_tree(np.zeros(1, ">i4"), "categories_nodes"), r"tree 0 has categories, wanted splits"),
    "far categories": (in_tree(np.full(1, 2**40, ">i8"), "categories_sizes"), r"tree 0 has categories"),
    "no categories' row": (in_tree("x", "categories"), r"tree 0 has categories"),
    "words for columns": (put([1], "gradient_booster", "model", "cats", "enc"), r"cats is not empty"),
    "no object of words": (put(1, "gradient_booster", "model", "cats"), r"cats is no object"),
    "fewer of one kind": (in_tree(np.zeros(1, ">f4"), "sum_hessian"), r"tree 0 does not say the same of"),
    "no row": (in_tree("x", "parents"), r"tree 0 does not say the same of each of its nodes"),
    "a node more": (in_tree("4000000000", "tree_param", "num_nodes"), r"tree 0 does not say the same of"),
    "several answers": (in_tree("9", "tree_param", "size_leaf_vector"), r"tree 0 answers with several"),
    "no tree": (in_tree(3, "tree_param"), r"tree 0 has no object 'tree_param'"),
    "classes": (put("2000000000", "learner_model_param", "num_class"), r"num_class is '2000000000', wanted"),
    "targets": (put("8", "learner_model_param", "num_target"), r"num_target is '8', wanted '1'"),
    "columns": (put("9999999", "learner_model_param", "num_feature"), r"num_feature is '9999999', wanted"),
    "no columns": (put(2, "learner_model_param", "num_feature"), r"num_feature is '2', wanted the number"),
    "other columns": (put("3", "learner_model_param", "num_feature"), r"feature_names is .*, wanted 3 or"),
    "no parameters": (put([], "learner_model_param"), r"the learner has no object 'learner_model_param'"),
    "another booster": (put("dart", BOOSTER, "name"), r"name is 'dart', wanted 'gbtree'"),
    "a row as name": (put(np.zeros(2, ">f4"), BOOSTER, "name"), r"name is .*, wanted 'gbtree'"),
    "none": (put([], *MODEL_PATH, "trees"), r"it holds no trees"),
    "no list": (put("trees", *MODEL_PATH, "trees"), r"it holds no trees"),
    "no object": (put([1, 2, 3], *MODEL_PATH, "trees"), r"a tree is no object"),
    "one too many": (put("4", *MODEL_PATH, "gbtree_model_param", "num_trees"), r"num_trees is '4', wanted"),
    "at once": (put("3", *MODEL_PATH, "gbtree_model_param", "num_parallel_tree"), r"num_parallel_tree is"),
    "other scores": (put([0, 0, 10**6], *MODEL_PATH, "tree_info"), r"tree_info is not 0 for each tree"),
    "a row": (put(np.zeros(3, ">i4"), *MODEL_PATH, "tree_info"), r"tree_info is not 0 for each tree"),
    "rounds": (put([0, 1, 2, 99], *MODEL_PATH, "iteration_indptr"), r"does not count from 0 to 3"),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS)
def test_what_could_not_be_asked_safely_is_refused(change: Callable[[Any], None], message: str) -> None:
    """Written by all rules of the format, but no training of ours would have grown it."""
    found = opened()
    change(found)

    with pytest.raises(ArtifactError, match=message):
        require_grown(written(found))


@pytest.mark.parametrize("content", [b"{}", b"[#L" + bytes(8), b"Z", b"", written({"learner": 1})])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    """An empty object, a list, nothing."""
    with pytest.raises(ArtifactError, match=r"no object|it ends after"):
        require_grown(content)


def test_numbers_of_another_type_are_refused() -> None:
    """A child at 1.5, or at no number at all, cannot be gone to."""
    found = opened()
    tree = model_of(found)["trees"][0]
    tree["left_children"] = tree["left_children"].astype(">f4")

    with pytest.raises(ArtifactError, match=r"left_children of a tree is no row of whole numbers"):
        require_grown(written(found))


def test_the_deepest_tree_allowed_by_hand() -> None:
    """A chain of 64 splits passes, and one of 65 does not."""
    require_grown(only(MOST_LEVELS))

    with pytest.raises(ArtifactError, match=r"a tree has more than 64 levels"):
        require_grown(only(MOST_LEVELS + 1))


@given(st.data())
def test_altered_bytes_raise_nothing_else(data: st.DataObject) -> None:
    """Whatever stands in them, they pass or are refused."""
    raw = bytearray(MODEL)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))

    with suppress(ArtifactError):
        require_grown(bytes(raw))
