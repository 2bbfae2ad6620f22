"""OpenAssistant conversations → what was asked so far, and the best reply to it.

One pair for each prompter message that has a usable reply of the assistant: the prompt is the whole
thread so far as a transcript, the response the reply of lowest rank. A message is usable when itself
and all before it are. Messages are held by id and walked down from the roots, without recursion, so
neither a depth of thousands nor parents in a circle can break it; order and packing of the files play
no part, unless one id comes with two contents. Every message read ends a prompt, is a response, or is
counted under one reason; a duplicate pair counts once, for two messages.
Source: Köpf et al. (2023), arXiv:2304.07327, Apache-2.0.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from churn_saver.data.texts.gathering import (
    ALTERNATE,
    BLANK,
    DUPLICATE,
    MARK,
    RESPONSE_COLUMNS,
    Gathering,
    Texts,
)
from churn_saver.data.texts.oasst1_messages import ASSISTANT, PROMPTER, Message, by_id
from churn_saver.data.texts.transcript import Role, extended, has_mark

READY = "ready_for_export"
PARENT_MISSING = "parent missing"
CIRCLE = "parents run in a circle"
EARLIER = "an earlier message is left out"
NOT_READY = "tree not ready for export"
DELETED = "deleted"
FAILED = "failed review"
LANGUAGE = "another language"
SYNTHETIC = "synthetic"
NO_REPLY = "no assistant reply"
NOT_BEST = "a better reply was taken"
_ROLES: dict[str, Role] = {PROMPTER: "user", ASSISTANT: "assistant"}


@dataclass(frozen=True, slots=True)
class _Thread:
    """A conversation up to one of its messages, all of them usable."""

    root: Message
    last: Message
    transcript: str


def oasst1_pairs(files: Mapping[str, Iterable[bytes]], language: str, keep_synthetic: bool) -> Texts:
    """Read pairs of prompt and response.

    Args:
        files: Name → lines; trees and single messages, in any mixture.
        language: Wanted in every message of a pair, as written in `lang`.
        keep_synthetic: Keep conversations with messages that a model wrote.

    Returns:
        `RESPONSE_COLUMNS`, sorted by conversation_id and prompt.
    """
    gathering = Gathering(RESPONSE_COLUMNS)
    known = by_id(files, gathering)
    replies: defaultdict[str | None, list[Message]] = defaultdict(list)
    reasons: dict[str, str] = {}
    for message in known.values():
        replies[message.parent_id].append(message)
        reason = _own_reason(message, language, keep_synthetic)
        if reason is not None:
            reasons[message.message_id] = reason
    lost = _walk(replies, reasons, gathering)
    _count_below(lost, known, replies, reasons, gathering)
    pairs = gathering.frame().sort(RESPONSE_COLUMNS)
    distinct = pairs.unique(["prompt", "response"], keep="first", maintain_order=True)
    gathering.leave_out(DUPLICATE, pairs.height - distinct.height)
    return gathering.texts(distinct)


def _own_reason(message: Message, language: str, keep_synthetic: bool) -> str | None:
    """Say why a message cannot be used, whatever stands before it."""
    reasons = {
        NOT_READY: message.tree_state not in (None, READY),
        DELETED: message.deleted,
        FAILED: message.reviewed_well is False,
        LANGUAGE: message.language != language,
        SYNTHETIC: message.synthetic and not keep_synthetic,
        BLANK: not message.text,
        MARK: has_mark(message.text),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _walk(
    replies: dict[str | None, list[Message]], reasons: Mapping[str, str], gathering: Gathering
) -> list[str]:
    """Keep the pairs of usable threads, take what they reach out of `replies`; give the ids that end one."""
    lost: list[str] = []

    def usable(above: _Thread | None) -> list[_Thread]:
        going_on = []
        wanted = ASSISTANT if above and above.last.role == PROMPTER else PROMPTER
        for message in replies.pop(above.last.message_id if above else None, []):
            reason = reasons.get(message.message_id) or (None if message.role == wanted else ALTERNATE)
            if reason is None:
                written = extended(above.transcript if above else "", _ROLES[message.role], message.text)
                going_on.append(_Thread(above.root if above else message, message, written))
            else:
                gathering.leave_out(reason)
                lost.append(message.message_id)
        return going_on

    waiting = usable(None)
    while waiting:
        thread = waiting.pop()
        below = usable(thread)
        if thread.last.role == PROMPTER:
            _keep_best(thread, [reply.last for reply in below], gathering)
        waiting += below
    return lost


def _keep_best(thread: _Thread, replies: Sequence[Message], gathering: Gathering) -> None:
    """Keep the reply of lowest rank; who has no rank comes last, and among equals the lower id first."""
    if not replies:
        gathering.leave_out(NO_REPLY)
        return
    best = min(replies, key=lambda reply: (reply.rank is None, reply.rank or 0, reply.message_id))
    root = thread.root
    gathering.keep(root.tree_id or root.message_id, root.text, thread.transcript, best.text)
    gathering.leave_out(NOT_BEST, len(replies) - 1)


def _count_below(
    lost: Sequence[str],
    known: Mapping[str, Message],
    replies: dict[str | None, list[Message]],
    reasons: Mapping[str, str],
    gathering: Gathering,
) -> None:
    """Count what no usable thread reached: below a lost message, below an absent one, or in a circle."""
    waiting = [*lost, *(parent for parent in replies if parent is not None and parent not in known)]
    while waiting:
        parent = waiting.pop()
        for message in replies.pop(parent, []):
            otherwise = EARLIER if parent in known else PARENT_MISSING
            gathering.leave_out(reasons.get(message.message_id, otherwise))
            waiting.append(message.message_id)
    gathering.leave_out(CIRCLE, sum(map(len, replies.values())))
