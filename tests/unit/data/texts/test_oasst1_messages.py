"""Messages out of the three packings."""

import json

import pytest

from churn_saver.data.texts.gathering import Gathering
from churn_saver.data.texts.json_lines import Json, Unusable
from churn_saver.data.texts.oasst1_messages import AGAIN, AGAIN_DIFFERENT, Message, by_id, messages


def reply(message_id: str, role: str, *replies: Json, **more: object) -> dict[str, object]:
    """Write a message as in an export."""
    values = {"message_id": message_id, "text": f"text {message_id}", "role": role, "lang": "en", **more}
    return values | {"replies": list(replies)} if replies else values


ROOT = reply(
    "p", "prompter", reply("a", "assistant", reply("q", "prompter"), rank=0), reply("b", "assistant")
)


def message(message_id: str, parent_id: str | None, role: str, **more: object) -> Message:
    """Write what is expected of it."""
    values: dict[str, object] = {
        "tree_id": None,
        "tree_state": None,
        "rank": None,
        "deleted": False,
        "reviewed_well": None,
        "synthetic": False,
    }
    text = f"text {message_id}"
    return Message(message_id, parent_id, role=role, text=text, language="en", **(values | more))  # type: ignore[arg-type]


def test_tree_gives_its_messages_from_the_top() -> None:
    """What stands on the tree holds for each message of it."""
    found = messages({"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": ROOT})

    tree = {"tree_id": "t", "tree_state": "ready_for_export"}
    assert found == [
        message("p", None, "prompter", **tree),
        message("a", "p", "assistant", rank=0, **tree),
        message("q", "a", "prompter", **tree),
        message("b", "p", "assistant", **tree),
    ]


def test_bare_tree_is_one_too() -> None:
    """A root with its replies, without the tree around it."""
    assert [(one.message_id, one.parent_id) for one in messages(ROOT)] == [
        ("p", None), ("a", "p"), ("q", "a"), ("b", "p"),
    ]  # fmt: skip


def test_single_message_names_its_parent() -> None:
    """All flags are read, and a rank that pandas made a float."""
    line = reply("a", "assistant", parent_id="p", rank=1.0, deleted=True, review_result=False, synthetic=True)
    line |= {"message_tree_id": "t", "tree_state": "growing", "labels": {"name": []}, "replies": None}

    assert messages(line) == [
        message(
            "a", "p", "assistant", tree_id="t", tree_state="growing",
            rank=1, deleted=True, reviewed_well=False, synthetic=True,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"message_id": None}, r"column 'message_id' is 'null', wanted a text"),
        ({"text": 3}, r"column 'text' is '3', wanted a text"),
        ({"text": "a\0"}, r"wanted a text without NUL"),
        ({"role": "system"}, r"column 'role' is 'system', wanted prompter or assistant"),
        ({"lang": ""}, r"column 'lang' is '', wanted a text that is not blank"),
        ({"rank": "0"}, r"column 'rank' is '0', wanted a number"),
        ({"deleted": "no"}, r"column 'deleted' is 'no', wanted true, false or null"),
        ({"review_result": 0}, r"column 'review_result' is '0', wanted true, false or null"),
        ({"parent_id": 7}, r"column 'parent_id' is '7', wanted a text"),
        ({"parent_id": "other"}, r"column 'parent_id' is 'other', wanted p, under which message a stands"),
        ({"replies": "none"}, r"column 'replies' is 'none', wanted a list of messages"),
        ({"replies": [1]}, r"column 'replies' is '1', wanted a message object"),
        ({"tree_state": 1}, r"column 'tree_state' is '1', wanted a text"),
    ],
)
def test_message_of_another_form_is_unusable(change: dict[str, object], wanted: str) -> None:
    """And with it its whole line: a tree with a hole is no conversation."""
    with pytest.raises(Unusable, match=wanted):
        messages(reply("p", "prompter", reply("a", "assistant") | change))


@pytest.mark.parametrize("line", [{}, {"prompt": 1}, {"prompt": {}}, {"chosen": "a"}])
def test_line_of_another_kind_is_unusable(line: Json) -> None:
    """JSON, but no message and no tree."""
    with pytest.raises(Unusable, match=r"column '(message_id|prompt)' is"):
        messages(line)


def test_message_counts_once() -> None:
    """Twice in a tree, in another packing, or with other content: the first holds, the others are counted."""
    twice = reply("p", "prompter", reply("a", "assistant"), reply("a", "assistant"))
    other = reply("a", "assistant", parent_id="p", rank=0) | {"text": "changed"}
    rows = [json.dumps(line).encode() for line in (twice, reply("p", "prompter"), other)]
    gathering = Gathering(["n"])

    known = by_id({"f": rows}, gathering)
    left_out = gathering.texts(gathering.frame()).left_out
    assert {one.message_id: one.text for one in known.values()} == {"p": "text p", "a": "text a"}
    assert dict(left_out) == {AGAIN: 2, AGAIN_DIFFERENT: 1}
