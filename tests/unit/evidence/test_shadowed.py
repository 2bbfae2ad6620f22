"""A shadow in a few figures, as it is written down."""

import json
from dataclasses import replace

from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.estimators import Caution
from churn_saver.evidence.shadowed import told
from tests.comparisons import BESIDE


def test_it_is_written_as_plain_values() -> None:
    """JSON holds it as it is; each estimate is its value and the ends of its interval."""
    written = told(BESIDE)

    assert json.loads(json.dumps(written)) == written
    assert written["alike"] == {"none": [60, 60], "10": [30, 36]}
    assert (written["contacts"], written["reserved_minor"]) == ([30, 36], [30_000, 36_050])
    assert written["rows"] == 90
    assert [round(one, 9) for one in written["gain"]] == [0.05, -0.01, 0.11]  # type: ignore[attr-defined]
    assert written["cautions"] == ["few_effective_rows"]


def test_what_is_not_known_is_written_with_its_reason() -> None:
    """And no figure beside it."""
    written = told(replace(BESIDE, worth=Unread("no outcome")))

    assert written["unread"] == "no outcome"
    assert not {"dr", "gain", "cautions"} & set(written)


def test_a_caution_is_told_once() -> None:
    """Of the value and of the gain together, in that order."""
    worth = BESIDE.worth
    assert not isinstance(worth, Unread)
    both = (Caution.FEW_UNITS, Caution.FEW_EFFECTIVE_ROWS)
    found = replace(worth, gain=replace(worth.gain, cautions=both))

    assert found.cautions == (Caution.FEW_EFFECTIVE_ROWS, Caution.FEW_UNITS)
