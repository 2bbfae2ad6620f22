"""Messages of OpenAssistant conversations, however the export packs them.

    {"message_tree_id": ..., "tree_state": ..., "prompt": {"message_id": ..., "replies": [...]}}   a tree
    {"message_id": ..., "parent_id": null, "replies": [...]}                                       a bare tree
    {"message_id": ..., "parent_id": ..., "message_tree_id": ...}                                  one message

Each line is known by its keys, so files may be of any kind, or mixed. Knows nothing of which message
is wanted. Source of the keys: huggingface.co/datasets/OpenAssistant/oasst1, README.md at revision
37d790373da332a4c8be24bd29ec1550e7f04c3f.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from churn_saver.data.texts.gathering import Gathering
from churn_saver.data.texts.json_lines import (
    Json,
    Unusable,
    flag,
    name,
    name_or_none,
    read_each,
    text,
    whole_or_none,
)

PROMPTER, ASSISTANT = "prompter", "assistant"
AGAIN = "message given again"
AGAIN_DIFFERENT = "message given again with other content"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    message_id: str
    parent_id: str | None
    """None: it opens the conversation."""
    tree_id: str | None
    tree_state: str | None
    role: str
    """`PROMPTER` or `ASSISTANT`."""
    text: str
    language: str
    rank: int | None
    """0 is the best of its siblings; None where nobody ranked."""
    deleted: bool
    reviewed_well: bool | None
    synthetic: bool


def by_id(files: Mapping[str, Iterable[bytes]], gathering: Gathering) -> dict[str, Message]:
    """Read every message once; of several with one id the first holds, the others are counted.

    Args:
        files: Name → lines.
        gathering: Takes rejects and counts.
    """
    known: dict[str, Message] = {}
    for found in read_each(files, messages, gathering):
        for message in found:
            first = known.setdefault(message.message_id, message)
            if first is not message:
                same = _content(first) == _content(message)
                gathering.leave_out(AGAIN if same else AGAIN_DIFFERENT)
    return known


def messages(line: Json) -> list[Message]:
    """Give the messages of one line, each after its parent.

    Raises:
        Unusable: a key is absent or ill-typed, or a message names another parent than it stands under.
    """
    tree_id, state = name_or_none(line, "message_tree_id"), name_or_none(line, "tree_state")
    first = _inner(line["prompt"], "prompt") if "prompt" in line else line
    found: list[Message] = []
    waiting: list[tuple[Json, str | None]] = [(first, None)]
    while waiting:
        values, above = waiting.pop()
        message = _message(values, above, tree_id, state)
        found.append(message)
        replies = values.get("replies")
        if replies is not None and not isinstance(replies, list):
            raise Unusable("replies", replies, "a list of messages")
        waiting += [(_inner(reply, "replies"), message.message_id) for reply in reversed(replies or [])]
    return found


def _message(values: Json, above: str | None, tree_id: str | None, state: str | None) -> Message:
    message_id, parent_id = name(values, "message_id"), name_or_none(values, "parent_id")
    if above is not None and parent_id not in (None, above):
        raise Unusable("parent_id", parent_id, f"{above}, under which message {message_id} stands")
    role = name(values, "role")
    if role not in (PROMPTER, ASSISTANT):
        raise Unusable("role", role, f"{PROMPTER} or {ASSISTANT}")
    return Message(
        message_id=message_id,
        parent_id=parent_id or above,
        tree_id=name_or_none(values, "message_tree_id") or tree_id,
        tree_state=name_or_none(values, "tree_state") or state,
        role=role,
        text=text(values, "text"),
        language=name(values, "lang"),
        rank=whole_or_none(values, "rank"),
        deleted=flag(values, "deleted") or False,
        reviewed_well=flag(values, "review_result"),
        synthetic=flag(values, "synthetic") or False,
    )


def _content(message: Message) -> tuple[str | None, ...]:
    return message.parent_id, message.role, message.text


def _inner(value: object, key: str) -> Json:
    if not isinstance(value, dict):
        raise Unusable(key, value, "a message object")
    return value
