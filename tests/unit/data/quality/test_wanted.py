"""What is wanted of a data set."""

import pytest

from churn_saver.data.quality.wanted import Check, Wanted, between, percent
from churn_saver.errors import ConfigError


@pytest.mark.parametrize(
    ("passed", "severity", "verdict", "failed"),
    [
        (True, "fail", "passed", False),
        (True, "note", "passed", False),
        (False, "fail", "failed", True),
        (False, "note", "note", False),
    ],
)
def test_a_note_stops_nothing(passed: bool, severity: str, verdict: str, failed: bool) -> None:
    """Only a check that matters and does not hold stops the run."""
    check = Check("x", passed, "1", "0", severity=severity)  # type: ignore[arg-type]

    assert (check.verdict, check.failed) == (verdict, failed)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("label_share", (0.4, 0.2), r"label_share is \(0\.4, 0\.2\), wanted 0 <= low <= high <= 1"),
        ("better_longer", (0.0, 1.2), r"better_longer is \(0\.0, 1\.2\)"),
        ("repeated", -0.1, r"repeated is -0\.1, wanted a share from 0 to 1"),
        ("missing_elsewhere", 2.0, r"missing_elsewhere is 2\.0"),
        ("missing", {"age": 1.5}, r"missing\.age is 1\.5"),
        ("shares", {"train": 80}, r"shares\.train is 80"),
        ("psi_note", 0.3, r"psi_note is 0\.3 and psi_fail 0\.25, wanted 0 < psi_note <= psi_fail"),
    ],
)
def test_what_nothing_can_meet_is_refused(name: str, value: object, message: str) -> None:
    """Named with its value, what is wanted, and where to mend it."""
    with pytest.raises(ConfigError, match=message + r".*mend data\.yaml"):
        Wanted(**{name: value})  # type: ignore[arg-type]


def test_shares_are_written_for_people() -> None:
    """One decimal, and a space that does not break."""
    assert percent(0.175) == "17.5\N{NO-BREAK SPACE}%"
    assert percent(0.1, 0) == "10\N{NO-BREAK SPACE}%"
    assert between(0.2, 0.355) == "20–35.5\N{NO-BREAK SPACE}%"
