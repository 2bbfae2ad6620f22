"""HH-RLHF."""

import json
import os
import re
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from churn_saver.data.reading.lines import lines
from churn_saver.data.texts import hh_rlhf
from churn_saver.data.texts.gathering import ALTERNATE, BLANK, DUPLICATE, MARK, Texts
from churn_saver.data.texts.hh_rlhf import hh_pairs
from churn_saver.data.texts.preference_pairs import CONTRADICTORY, EQUAL
from churn_saver.data.texts.transcript import parsed

ASK = "\n\nHuman: Hello?\n\nAssistant:"
LONGER = f"{ASK} Hi.\n\nHuman: And now?\n\nAssistant:"
HARMLESS, HELPFUL = "harmless-base.test.jsonl.gz", "helpful-base.test.jsonl.gz"


def read(*rows: tuple[object, object]) -> Texts:
    """Read a file of these pairs."""
    return hh_pairs({"f": [json.dumps({"chosen": a, "rejected": b}).encode() for a, b in rows]})


def test_shared_turns_are_the_prompt() -> None:
    """The last answers are chosen and rejected; equal openings share an id."""
    texts = read((f"{ASK} Hi.", f"{ASK} Go."), (f"{LONGER} Tea.  ", f"{LONGER}  No\r\ntea."))

    assert texts.frame.drop("conversation_id").rows() == [
        ("Hello?", "Hello?", "Hi.", "Go."),
        ("Hello?", "Hello?\n\nAssistant: Hi.\n\nHuman: And now?", "Tea.", "No\ntea."),
    ]
    assert texts.frame["conversation_id"].n_unique() == 1
    assert texts.frame["conversation_id"].str.contains(r"^hh-[0-9a-f]{24}$").all()


def test_other_opening_is_another_conversation() -> None:
    """The id is made of the opening text."""
    texts = read(
        (f"{ASK} Hi.", f"{ASK} Go."), ("\n\nHuman: Ho?\n\nAssistant: a", "\n\nHuman: Ho?\n\nAssistant: b")
    )

    assert texts.frame["conversation_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        (f"{ASK} Hi.", f"{ASK} Hi. ", EQUAL),
        (f"{ASK} Hi.", f"{ASK}", BLANK),
        (f"{ASK}\n\nHuman: x?\n\nAssistant: a", f"{ASK}\n\nHuman: x?\n\nAssistant: b", BLANK),
        (f"{ASK} Hi.\n\nHuman: Bye", f"{ASK} Hi.\n\nHuman: Ciao", hh_rlhf.NO_ANSWER),
        (f"{LONGER} Tea.", f"{ASK} Hi.", hh_rlhf.PART_EARLIER),
        (f"{LONGER} Tea.", f"{ASK} Go.\n\nHuman: And now?\n\nAssistant: Tea!", hh_rlhf.PART_EARLIER),
        (f"{ASK} a\n\nAssistant: b", f"{ASK} a\n\nAssistant: c", ALTERNATE),
        (f"{ASK} Human: b", f"{ASK} c", MARK),
        (f"{ASK} b\nHuman: b", f"{ASK} c", MARK),
        (
            f"{ASK} Human: b\n\nHuman: x?\n\nAssistant: a",
            f"{ASK} Human: b\n\nHuman: x?\n\nAssistant: b",
            MARK,
        ),
    ],
)
def test_what_makes_no_pair_is_counted(chosen: str, rejected: str, reason: str) -> None:
    """Either way round."""
    for row in ((chosen, rejected), (rejected, chosen)):
        texts = read(row)

        assert (texts.frame.height, dict(texts.left_out), texts.rejects.height) == (0, {reason: 1}, 0)


def test_repeats_and_contradictions_are_found() -> None:
    """After tidying, as every text is compared."""
    texts = read(
        (f"{ASK} a", f"{ASK} b"),
        (f"{ASK} a ", f"{ASK} b"),
        (f"{ASK} c", f"{ASK} d"),
        (f"{ASK} d", f"{ASK} c"),
    )

    assert texts.frame.select("chosen", "rejected").rows() == [("a", "b")]
    assert dict(texts.left_out) == {DUPLICATE: 1, CONTRADICTORY: 2}


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        (None, "column 'chosen' is 'null', wanted a text"),
        ("Hello?", "column 'chosen' is 'Hello?', wanted a conversation that opens with 'Human:'"),
        ("\n\nAssistant: Hi.", "wanted a conversation that opens with 'Human:'"),
        ("Well.\n\nHuman: Hello?", "wanted a conversation that opens with 'Human:'"),
        (" \n ", "wanted a text that is not blank"),
    ],
)
def test_what_is_no_conversation_is_rejected(chosen: object, fault: str) -> None:
    """With its line, and the rest is read."""
    texts = read((f"{ASK} a", f"{ASK} b"), (chosen, f"{ASK} b"))

    assert texts.frame.height == 1
    assert texts.rejects.select("file", "line").rows() == [("f", 2)]
    assert fault in texts.rejects["fault"][0]


def real(name: str) -> Iterator[bytes]:
    """Read a file of the folder with real data, or skip."""
    folder = os.environ.get("CHURN_SAVER_TEST_DATA")
    if not folder:
        pytest.skip("CHURN_SAVER_TEST_DATA names no folder with hh_rlhf/*.test.jsonl.gz")
    return _lines_of(Path(folder) / "hh_rlhf" / name)


def _lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from lines(stream, path.name)


def fits(text: str) -> bool:
    """Say by patterns alone whether speakers alternate and every turn is a text without a mark."""
    speakers = re.findall(r"\n\n(Human|Assistant):", text)
    empty_or_marked = re.search(
        r"(Human|Assistant):\s*((Human|Assistant):|\Z)|[^\n]\n(Human|Assistant):", text
    )
    return speakers == list(islice(cycle(["Human", "Assistant"]), len(speakers))) and not empty_or_marked


@pytest.mark.parametrize(
    ("name", "rows", "pairs", "left_out"),
    [
        (HARMLESS, 2_312, 2_260, {BLANK: 4, MARK: 39, ALTERNATE: 4, hh_rlhf.PART_EARLIER: 5}),
        (
            HELPFUL,
            2_354,
            2_307,
            {EQUAL: 2, BLANK: 4, MARK: 26, ALTERNATE: 6, hh_rlhf.PART_EARLIER: 9},
        ),
    ],
)
def test_real_files_give_the_pairs_found_by_patterns(
    name: str, rows: int, pairs: int, left_out: dict[str, int]
) -> None:
    """Counted by another algorithm on the same bytes: cut at the last 'Assistant:', equal before it."""
    texts = hh_pairs({name: real(name)})
    expected = set()
    for row in real(name):
        chosen, rejected = (
            json.loads(row)[key].rpartition("\n\nAssistant:") for key in ("chosen", "rejected")
        )
        if (
            chosen[0] == rejected[0]
            and chosen != rejected
            and fits("".join(chosen))
            and fits("".join(rejected))
        ):
            expected.add((chosen[0].count("\n\nHuman:"), chosen[2].strip(), rejected[2].strip()))

    found = [
        (sum(turn.role == "user" for turn in parsed(prompt)), chosen, rejected)
        for prompt, chosen, rejected in texts.frame.select("prompt", "chosen", "rejected").iter_rows()
    ]
    assert (len(found), texts.rejects.height, dict(texts.left_out)) == (pairs, 0, left_out)
    assert pairs + sum(left_out.values()) == rows
    assert set(found) == expected
