"""The gate: all five or none, and a document that shows when it was changed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import product

import pytest

from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.promotion import (
    NAMES,
    Verdict,
    digest_of,
    document,
    gate,
    is_passed,
)
from tests.comparisons import GOOD, written

FIELDS = ("gain", "caps", "losses", "replays", "ratios")
"""Of `Evidence`, in the order of `NAMES`."""


def changed(found: Mapping[str, object], **cells: object) -> dict[str, object]:
    """Change a document and give it the digest that fits."""
    body = {**found, **cells}
    return {**body, "digest": digest_of(body)}


def test_all_five_together_pass() -> None:
    """Each holds, in their order."""
    found = gate(GOOD, 0.95)

    assert [one.name for one in found.conditions] == list(NAMES)
    assert found.passes


@pytest.mark.parametrize("lacking", [row for row in product([False, True], repeat=5) if any(row)])
def test_whatever_lacks_is_named_and_nothing_passes_without_it(lacking: tuple[bool, ...]) -> None:
    """All 31 ways of not knowing something."""
    gone = {field: Unread("not known") for field, is_gone in zip(FIELDS, lacking, strict=True) if is_gone}

    found = gate(replace(GOOD, **gone), 0.95)

    assert not found.passes
    assert [not one.holds for one in found.conditions] == list(lacking)


def test_a_verdict_without_all_five_does_not_pass() -> None:
    """Four that hold are not five, nor are none."""
    four = gate(GOOD, 0.95).conditions[:4]

    assert not Verdict(four).passes
    assert not Verdict(()).passes


def test_the_document_holds_what_was_found_and_its_own_digest() -> None:
    """SHA-256 of the canonical JSON of all but the digest, worked out here by hand."""
    found = written(protocol=None)
    body = {name: value for name, value in found.items() if name != "digest"}
    told = json.dumps(body, sort_keys=True, separators=(",", ":"))
    conditions = found["conditions"]

    assert found["digest"] == sha256(told.encode()).hexdigest()
    assert (found["challenger"], found["protocol"], found["passes"]) == ("B", None, True)
    assert isinstance(conditions, list)
    assert conditions[0]["figures"]["low"] == 0.01


def test_a_document_is_the_same_when_it_is_read_back() -> None:
    """Through a file: same digest, still passed; a figure that is no number became null."""
    whole = written(seconds=float("nan"))

    again = json.loads(json.dumps(whole, indent=2))

    assert again == whole
    assert again["seconds"] is None
    assert is_passed(again)


def test_a_changed_document_is_no_evidence() -> None:
    """Another challenger, another figure, a digest that is cut or gone."""
    whole = written()
    lost = {name: value for name, value in whole.items() if name != "digest"}

    assert is_passed(whole)
    assert not is_passed({**whole, "challenger": "C"})
    assert not is_passed({**whole, "digest": str(whole["digest"])[:-1]})
    assert not is_passed(lost)


def test_a_verdict_that_does_not_pass_is_no_evidence_under_any_digest() -> None:
    """It says so, or one condition does, or one is missing or there twice, though the digest fits."""
    failed = document(gate(replace(GOOD, caps=Unread("no books")), 0.95), {})
    whole = written()
    conditions = whole["conditions"]
    assert isinstance(conditions, list)

    assert failed["passes"] is False
    assert not is_passed(failed)
    assert not is_passed(changed(failed, passes=True))
    assert not is_passed(changed(whole, passes="yes"))
    assert not is_passed(changed(whole, conditions=conditions[:4]))
    assert not is_passed(changed(whole, conditions=[*conditions, conditions[0]]))
    assert not is_passed(changed(whole, conditions="all"))
    assert not is_passed({})
