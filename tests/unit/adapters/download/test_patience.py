"""Trying again."""

import sys

import pytest

from churn_saver.adapters.download.patience import WORTH_BYTES, Again, patiently
from churn_saver.errors import ConfigError, InputError
from tests.misbehaving import impatient

URL = "https://me:pw@a.org/x?key=1"


def test_pauses_double_and_chance_spreads_them() -> None:
    """From 1 s: 1 to 2, 2 to 4, 4 to 8 s; the fourth failure is the last, and ends without a pause."""
    pauses: list[float] = []

    def act() -> None:
        raise Again("answers 503")

    with pytest.raises(
        InputError, match=r"^https://a.org/x answers 503, 4 times in a row. Next step: run again"
    ):
        patiently(act, URL, impatient(pauses), lambda: 0)

    assert len(pauses) == 3
    assert all(2**n <= pause <= 2 ** (n + 1) for n, pause in enumerate(pauses))


def test_pause_that_the_server_asks_for_is_kept() -> None:
    """It is a lower bound."""
    pauses: list[float] = []
    answers = iter([Again("answers 429", 50.0), None])

    def act() -> str:
        fault = next(answers)
        if fault:
            raise fault
        return "made"

    assert patiently(act, URL, impatient(pauses), lambda: 0) == "made"
    assert pauses == [50.0]


def test_failures_that_bring_bytes_do_not_count() -> None:
    """Twenty connections break off, each after another megabyte: that is progress."""
    there = 0

    def act() -> int:
        nonlocal there
        there += WORTH_BYTES
        if there < 20 * WORTH_BYTES:
            raise Again("broke off")
        return there

    assert patiently(act, URL, impatient(), lambda: there) == 20 * WORTH_BYTES


def test_starting_over_for_ever_ends() -> None:
    """The same first bytes again and again are no progress."""
    calls = 0

    def act() -> None:
        nonlocal calls
        calls += 1
        raise Again("broke off")

    with pytest.raises(InputError, match="4 times in a row"):
        patiently(act, URL, impatient(), lambda: min(calls, 1) * WORTH_BYTES)

    assert calls == 4


def test_other_faults_pass_through_at_once() -> None:
    """What will not pass is not tried again."""
    pauses: list[float] = []

    def act() -> None:
        raise InputError("no such file")

    with pytest.raises(InputError, match="no such file"):
        patiently(act, URL, impatient(pauses), lambda: 0)
    assert pauses == []


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the command."""
    monkeypatch.setitem(sys.modules, "tenacity", None)

    with pytest.raises(ConfigError, match=r"tenacity is not installed.*pip install 'churn-saver\[data\]'"):
        patiently(lambda: 1, URL, impatient(), lambda: 0)
