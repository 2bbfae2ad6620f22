"""What a look is on the screen."""

import json
from pathlib import Path

import pytest

from churn_saver.cli.watch_tables import show_error, show_look
from churn_saver.errors import LedgerUnavailable
from churn_saver.evidence.watch import Reference, Watch, watch
from tests.logbooks import logbook
from tests.watched_campaigns import ANSWER_DAYS, LOOK, settings, sound

FIRST_DAYS = Reference("days 0 to 13", 0, 14)


def look(**planted: float) -> Watch:
    """Look at a drawn campaign."""
    return watch(sound(400, 5, **planted), LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})


def test_every_check_has_a_line_and_what_is_off_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Drift, both scores, messages, and each measure of each column; then the page."""
    show_look(look(unsent=0.6), Path("var/watch/spring.html"), as_json=False)

    told = " ".join(capsys.readouterr().out.split())
    for check in ("drift", "churn risk", "chance of an acceptance", "messages out", "gender, contact rate"):
        assert check in told
    assert "contacts went out, wanted 90 % at least" in told
    assert "note partner: no input of these decisions" in told
    assert "400 decisions; the page: var/watch/spring.html" in told


def test_a_look_with_nothing_to_judge_is_shown_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """One decision of yesterday."""
    log = logbook([{"decided_at": 55.0}])

    show_look(watch(log, LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {}), Path("x.html"), as_json=False)

    told = " ".join(capsys.readouterr().out.split())
    assert "Nothing is off" in told
    assert "no outcome to judge by" in told
    assert "no contact to judge by" in told


def test_json_is_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads it as it comes."""
    show_look(look(), Path("x.html"), as_json=True)

    assert json.loads(capsys.readouterr().out)["decisions"] == 400


def test_a_failed_round_is_told_on_the_other_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """What is read by programs stays clean."""
    show_error(LedgerUnavailable("ledger does not answer"))

    out, err = capsys.readouterr()
    assert out == ""
    assert "this look failed, the next is tried: ledger does not answer" in err
