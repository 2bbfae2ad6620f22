"""Preference pairs."""

import json

import pytest

from churn_saver.data.pairs import read_pairs
from churn_saver.errors import TableError

GOOD = '{"prompt": "p", "chosen": "better", "rejected": "worse"}'


def test_good_pairs_come_as_they_are() -> None:
    """Blank lines and CRLF are no fault; other keys are listed."""
    checked = read_pairs(f'{GOOD}\r\n\n{GOOD[:-1]}, "score": 1}}'.encode(), "p.jsonl")

    assert checked.frame.rows() == [("p", "better", "worse")] * 2
    assert (checked.faults, checked.ignored) == ((), ("score",))


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("not json", "(line)", "not json"),
        ("[1, 2]", "(line)", "[1, 2]"),
        ("[" * 100_000, "(line)", "[" * 100_000),
        (json.dumps({"prompt": "p", "chosen": "a"}), "rejected", "absent"),
        (json.dumps({"prompt": "p", "chosen": " ", "rejected": "b"}), "chosen", '" "'),
        (json.dumps({"prompt": 3, "chosen": "a", "rejected": "b"}), "prompt", "3"),
        (json.dumps({"prompt": "p", "chosen": "a", "rejected": "a "}), "rejected", "a "),
        ('{"prompt": "p", "chosen": "\\ud83d", "rejected": "b"}', "chosen", "'\\ud83d'"),
    ],
)
def test_bad_pair_is_named_by_line(line: str, column: str, value: str) -> None:
    """The pair beside it stays, the bad line is kept as it came."""
    checked = read_pairs(f"{GOOD}\n\n{line}\n".encode(), "p.jsonl")

    assert [(fault.line, fault.column, fault.value) for fault in checked.faults] == [(3, column, value)]
    assert checked.frame.height == 1
    assert checked.rejects.select("text", "line").rows() == [(line, 3)]


def test_every_fault_of_a_pair_is_named() -> None:
    """An empty object lacks all three texts."""
    checked = read_pairs(b"{}", "p.jsonl")

    assert [fault.column for fault in checked.faults] == ["prompt", "chosen", "rejected"]
    assert checked.rejects["fault"][0].count("; ") == 2


def test_empty_file_has_no_pairs() -> None:
    """Nothing to train on is for the trainer to judge."""
    checked = read_pairs(b"", "p.jsonl")

    assert checked.frame.columns == ["prompt", "chosen", "rejected"]
    assert (checked.frame.height, checked.rejects.height, checked.faults) == (0, 0, ())


def test_emoji_are_text() -> None:
    """A whole pair of surrogates is one character."""
    pair = '{"prompt": "p", "chosen": "\\ud83d\\ude00", "rejected": "b"}'

    assert read_pairs(pair.encode(), "p.jsonl").frame["chosen"].to_list() == ["😀"]


def test_other_encoding_is_refused() -> None:
    """As in every other table."""
    with pytest.raises(TableError, match=r"p.jsonl:1: .*UTF-8"):
        read_pairs("é".encode("latin-1"), "p.jsonl")
