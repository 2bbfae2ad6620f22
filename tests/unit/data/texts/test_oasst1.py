"""OpenAssistant conversations."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.lines import lines
from churn_saver.data.texts import oasst1
from churn_saver.data.texts.gathering import ALTERNATE, BLANK, DUPLICATE, MARK, Texts
from churn_saver.data.texts.oasst1 import oasst1_pairs
from churn_saver.data.texts.oasst1_messages import AGAIN
from churn_saver.data.texts.transcript import parsed

Message = dict[str, object]
TREES, BARE_TREES = "oasst/en_100_tree.jsonl", "oasst/en_100_message.jsonl"
FLAT = "oasst1_en_validation/en-validation.jsonl"


def said(message_id: str, parent_id: str | None, text: str = "", **more: object) -> Message:
    """Write a single message; the first letter of the id says who speaks."""
    role = "assistant" if message_id.startswith("a") else "prompter"
    values = {
        "message_id": message_id,
        "parent_id": parent_id,
        "text": text or f"text {message_id}",
        "role": role,
    }
    return {**values, "lang": "en", "message_tree_id": "t", **more}


def read(*messages: object, keep_synthetic: bool = False) -> Texts:
    """Read a file of these lines."""
    rows = [json.dumps(message).encode() for message in messages]
    return oasst1_pairs({"f.jsonl": rows}, "en", keep_synthetic)


THREAD = (
    said("p1", None, "Hello?"),
    said("a1", "p1", "Hi."),
    said("p2", "a1", "And now?"),
    said("a2", "p2", "Tea."),
)


def test_every_question_with_an_answer_is_a_pair() -> None:
    """The prompt is all that was said so far."""
    texts = read(*THREAD)

    assert texts.frame.rows() == [
        ("t", "Hello?", "Hello?", "Hi."),
        ("t", "Hello?", "Hello?\n\nAssistant: Hi.\n\nHuman: And now?", "Tea."),
    ]
    assert dict(texts.left_out) == {}


@pytest.mark.parametrize(
    ("ranks", "best"),
    [
        ({"a1": 2, "a2": 0, "a3": 1}, "a2"),
        ({"a1": None, "a2": 7}, "a2"),
        ({"a3": 1, "a2": 1, "a1": 2}, "a2"),
        ({"a2": None, "a1": None}, "a1"),
    ],
)
def test_lowest_rank_wins(ranks: dict[str, int | None], best: str) -> None:
    """No rank comes last; among equals the lower id."""
    texts = read(said("p", None), *(said(one, "p", rank=rank) for one, rank in ranks.items()))

    assert texts.frame["response"].to_list() == [f"text {best}"]
    assert dict(texts.left_out) == {oasst1.NOT_BEST: len(ranks) - 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"deleted": True}, oasst1.DELETED),
        ({"review_result": False}, oasst1.FAILED),
        ({"lang": "de"}, oasst1.LANGUAGE),
        ({"lang": "en-GB"}, oasst1.LANGUAGE),
        ({"tree_state": "growing"}, oasst1.NOT_READY),
        ({"synthetic": True}, oasst1.SYNTHETIC),
        ({"text": " \n"}, BLANK),
        ({"text": "I quote:\nHuman: hello"}, MARK),
    ],
)
def test_unusable_message_ends_its_thread(change: Message, reason: str) -> None:
    """As a first message, as an answer, and in the middle; what comes after it has no ground to stand on."""
    p1, a1, p2, a2 = (
        read(*(one | change if i == changed else one for i, one in enumerate(THREAD))) for changed in range(4)
    )

    assert [texts.frame.height for texts in (p1, a1, p2, a2)] == [0, 0, 1, 1]
    assert dict(p1.left_out) == {reason: 1, oasst1.EARLIER: 3}
    assert dict(a1.left_out) == {reason: 1, oasst1.EARLIER: 2, oasst1.NO_REPLY: 1}
    assert dict(p2.left_out) == {reason: 1, oasst1.EARLIER: 1}
    assert dict(a2.left_out) == {reason: 1, oasst1.NO_REPLY: 1}


def test_usable_reply_is_taken_where_the_best_is_not() -> None:
    """Rank 0 was deleted, rank 1 is what is left."""
    texts = read(said("p", None), said("a1", "p", rank=0, deleted=True), said("a2", "p", rank=1))

    assert texts.frame["response"].to_list() == ["text a2"]


@pytest.mark.parametrize("given", [{"review_result": None}, {"review_result": True}, {"tree_state": None}])
def test_what_is_not_given_is_no_fault(given: Message) -> None:
    """Not yet reviewed is not failed."""
    assert read(*(one | given for one in THREAD)).frame.height == 2


def test_synthetic_messages_are_kept_when_asked() -> None:
    """They are marked, not wrong."""
    thread = [one | {"synthetic": True} for one in THREAD]

    assert read(*thread, keep_synthetic=True).frame.height == 2
    assert dict(read(*thread).left_out) == {oasst1.SYNTHETIC: 4}


def test_speakers_alternate() -> None:
    """An assistant that opens, a prompter that follows itself, an answer to an answer."""
    texts = read(said("a", None), said("p1", None), said("p2", "p1"), said("a1", "p1"), said("a2", "a1"))

    assert texts.frame["response"].to_list() == ["text a1"]
    assert dict(texts.left_out) == {ALTERNATE: 3}


def test_orphans_and_circles_are_counted() -> None:
    """Neither has a beginning; below an orphan all is lost too."""
    texts = read(
        said("a1", "gone"), said("p1", "a1"), said("a2", "p1", deleted=True),
        said("p3", "a3"), said("a3", "p3"), said("p4", "p4"), said("a4", "p4"),
    )  # fmt: skip

    assert texts.frame.height == 0
    assert dict(texts.left_out) == {
        oasst1.PARENT_MISSING: 1, oasst1.EARLIER: 1, oasst1.DELETED: 1, oasst1.CIRCLE: 4,
    }  # fmt: skip


def test_conversation_is_named_by_its_tree_or_by_its_root() -> None:
    """Bare trees have no tree id."""
    with_tree = [said("p", None), said("a", "p")]
    without = [one | {"message_tree_id": None} for one in with_tree]

    assert read(*with_tree).frame["conversation_id"].to_list() == ["t"]
    assert read(*without).frame["conversation_id"].to_list() == ["p"]


def test_same_pair_counts_once() -> None:
    """Two people asked the same and got the same; the conversation whose id comes first has it."""
    pair = [said("p", None, "Hi?"), said("a", "p", "Hi!")]
    again = [said("p'", None, " Hi? ", message_tree_id="s"), said("a'", "p'", "Hi!", message_tree_id="s")]

    texts = read(*pair, *again)
    assert texts.frame["conversation_id"].to_list() == ["s"]
    assert dict(texts.left_out) == {DUPLICATE: 1}


def test_bad_lines_are_rejected_and_the_rest_is_read() -> None:
    """Half a line, a list, a message without a text."""
    broken = {key: value for key, value in said("p9", None).items() if key != "text"}
    rows = [json.dumps(one).encode() for one in (*THREAD, broken, [1])]
    texts = oasst1_pairs({"a.jsonl": [*rows, rows[0][:30]]}, "en", keep_synthetic=False)

    assert texts.frame.height == 2
    assert texts.rejects.select("file", "line").rows() == [("a.jsonl", 5), ("a.jsonl", 6), ("a.jsonl", 7)]
    assert texts.rejects["fault"][0] == "column 'text' is 'absent', wanted a text"
    assert texts.rejects["text"][2] == rows[0][:30].decode()


@pytest.mark.parametrize("nested", [False, True])
def test_a_thousand_turns_are_read(nested: bool) -> None:
    """As single messages, last one first, and as a tree that nests two thousand levels deep."""
    thread = [
        said(f"{'pa'[i % 2]}{i}", f"{'ap'[i % 2]}{i - 1}" if i else None, f"t{i}") for i in range(1_000)
    ]
    rows = [json.dumps(one).encode() for one in reversed(thread)]
    if nested:
        opened = [json.dumps(one)[:-1] + ', "replies": [' for one in thread]
        rows = [f'{{"prompt": {"".join(opened)}{"]}" * 1_000}}}'.encode()]

    texts = oasst1_pairs({"f": rows}, "en", keep_synthetic=False)
    turns = parsed(max(texts.frame["prompt"].to_list(), key=len))
    assert (texts.frame.height, texts.rejects.height, dict(texts.left_out)) == (500, 0, {})
    assert [turn.text for turn in turns] == [f"t{i}" for i in range(999)]


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Draw messages with any parents, present, absent or in a circle."""
    count = draw(st.integers(1, 14))
    parents = st.none() | st.integers(0, count).map(lambda i: f"m{i}")
    return [
        {
            "message_id": f"m{i}",
            "parent_id": draw(parents),
            "text": draw(st.sampled_from(["", "x", "y", "z", "Human: no"])),
            "role": draw(st.sampled_from(["prompter", "assistant", "assistant"])),
            "lang": draw(st.sampled_from(["en", "en", "en", "de"])),
            "rank": draw(st.none() | st.integers(0, 3)),
            "deleted": draw(st.sampled_from([False, False, False, True])),
        }
        for i in range(count)
    ]


@given(conversations(), st.data())
def test_order_does_not_matter_and_nothing_is_lost(messages: list[Message], data: st.DataObject) -> None:
    """Each message ends a prompt, is a response or has one reason; shuffled, the result is the same."""
    texts = read(*messages)
    again = read(*data.draw(st.permutations(messages)))

    reasons = dict(texts.left_out)
    pairs = texts.frame.height + reasons.pop(DUPLICATE, 0)
    assert 2 * pairs + sum(reasons.values()) == len(messages)
    assert again.frame.equals(texts.frame)
    assert dict(again.left_out) == dict(texts.left_out)


def real(*names: str) -> dict[str, Iterable[bytes]]:
    """Read files of the folder with real data, or skip."""
    folder = os.environ.get("CHURN_SAVER_TEST_DATA")
    if not folder:
        pytest.skip("CHURN_SAVER_TEST_DATA names no folder with the OpenAssistant files")
    return {name: _lines_of(Path(folder) / name) for name in names}


def _lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from lines(stream, path.name)


def flattened(message: Message, parent: str | None = None) -> Iterator[Message]:
    """Walk a tree the simple way."""
    yield {"parent_id": parent, **message}
    replies = message.get("replies") or []
    assert isinstance(replies, list)
    for inner in replies:
        yield from flattened(inner, str(message["message_id"]))


def by_hand(rows: Iterable[bytes], keep_synthetic: bool) -> set[tuple[str, str]]:
    """Find last question and answer of each pair by looking every message up in the whole list."""
    parts = [json.loads(row) for row in rows]
    everything = {
        str(one["message_id"]): one for part in parts for one in flattened(part.get("prompt", part))
    }

    def fine(one: Message) -> bool:
        text = str(one["text"])
        marked = any(line.startswith(("Human:", "Assistant:")) for line in text.strip().split("\n"))
        good = not one["deleted"] and one["review_result"] is not False and bool(text.strip()) and not marked
        above = one["parent_id"]
        return (
            good
            and (keep_synthetic or not one["synthetic"])
            and (above is None or fine(everything[str(above)]))
        )

    found = set()
    for question in everything.values():
        answers = [
            (10**9 if one.get("rank") is None else one["rank"], message_id)
            for message_id, one in everything.items()
            if one["parent_id"] == question["message_id"] and one["role"] == "assistant" and fine(one)
        ]
        if question["role"] == "prompter" and answers:
            found.add((str(question["text"]).strip(), str(everything[min(answers)[1]]["text"]).strip()))
    return found


@pytest.mark.parametrize(
    ("name", "keep_synthetic", "messages", "pairs"),
    [
        (TREES, True, 1_167, 253),
        (TREES, False, 1_167, 248),
        (BARE_TREES, True, 1_167, 253),
        (BARE_TREES, False, 1_167, 248),
        (FLAT, False, 2_022, 473),
    ],
)
def test_real_files_give_the_pairs_found_by_hand(
    name: str, keep_synthetic: bool, messages: int, pairs: int
) -> None:
    """Counted by another algorithm on the same bytes; no line is rejected, no message lost."""
    texts = oasst1_pairs(real(name), "en", keep_synthetic)
    expected = by_hand(real(name)[name], keep_synthetic)

    frame = texts.frame
    found = {
        (parsed(prompt)[-1].text, response)
        for prompt, response in frame.select("prompt", "response").iter_rows()
    }
    assert (frame.height, texts.rejects.height) == (pairs, 0)
    assert 2 * pairs + sum(texts.left_out.values()) == messages
    assert found == {(ask.replace("\r\n", "\n"), answer.replace("\r\n", "\n")) for ask, answer in expected}
    assert all(parsed(prompt)[0].text == root for prompt, root in frame.select("prompt", "root").iter_rows())


def test_both_packings_of_the_real_trees_are_one_and_the_same() -> None:
    """Read together they give what one of them gives; the other's 1,167 messages are repeats."""
    alone = oasst1_pairs(real(TREES), "en", keep_synthetic=True)
    both = oasst1_pairs(real(TREES, BARE_TREES), "en", keep_synthetic=True)

    assert both.frame.equals(alone.frame)
    assert dict(both.left_out) == {**alone.left_out, AGAIN: 1_167}


def test_real_files_overlap() -> None:
    """73 messages stand in both; together they give 700 pairs, not 721."""
    texts = oasst1_pairs(real(TREES, FLAT), "en", keep_synthetic=False)

    assert (texts.frame.height, texts.left_out[AGAIN]) == (700, 73)
