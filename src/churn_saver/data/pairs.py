"""Preference pairs, one JSON object a line: a prompt, the better text and the worse one.

Checks form only: whether a text may be sent is the shield's business.
"""

import json

import polars as pl

from churn_saver.data.checked import FAULT, LINE, Checked, short
from churn_saver.data.parsing import utf8
from churn_saver.errors import Fault

KEYS = ("prompt", "chosen", "rejected")
_WHOLE_LINE = "(line)"
_OBJECT = 'a JSON object such as {"prompt": "...", "chosen": "...", "rejected": "..."}'


def read_pairs(raw: bytes, file: str) -> Checked:
    """Read and check rlhf_pairs.jsonl; blank lines count for nothing but the line numbers.

    Returns:
        frame has prompt, chosen, rejected as they came; rejects has `text`, `line`, `fault`.

    Raises:
        TableError: not UTF-8.
    """
    good: list[tuple[str, ...]] = []
    bad: list[tuple[str, int, str]] = []
    faults: list[Fault] = []
    ignored: dict[str, None] = {}
    for line, text in enumerate(utf8(raw, file).decode().split("\n"), start=1):
        if not text.strip():
            continue
        pair = _parsed(text)
        found = [Fault(file, line, *problem) for problem in _problems(pair, text)]
        if isinstance(pair, dict):
            ignored |= dict.fromkeys(key for key in pair if key not in KEYS)
            if not found:
                good.append(tuple(pair[key] for key in KEYS))
                continue
        faults += found
        bad.append((text.removesuffix("\r"), line, "; ".join(map(short, found))))
    return Checked(
        pl.DataFrame(good, dict.fromkeys(KEYS, pl.String), orient="row"),
        pl.DataFrame(bad, {"text": pl.String, LINE: pl.Int64, FAULT: pl.String}, orient="row"),
        tuple(faults),
        tuple(ignored),
    )


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _problems(pair: object, text: str) -> list[tuple[str, str, str]]:
    """Name what is wrong with a line, as (column, value, wanted)."""
    if not isinstance(pair, dict):
        return [(_WHOLE_LINE, text.strip(), _OBJECT)]
    problems = []
    for key in KEYS:
        value = pair.get(key)
        if not isinstance(value, str) or not value.strip():
            shown = "absent" if key not in pair else json.dumps(value)
            problems.append((key, shown, "a text that is not blank"))
        elif not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            problems.append((key, ascii(value), "a text without half a surrogate pair"))
    if not problems and pair["chosen"].strip() == pair["rejected"].strip():
        problems.append(("rejected", pair["rejected"], "another text than chosen"))
    return problems
