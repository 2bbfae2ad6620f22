"""Answers that say when to come back."""

import re
from pathlib import Path

from churn_saver import serve
from churn_saver.serve.coming_back import LATER_SECONDS, SOON_SECONDS, come_back
from churn_saver.serve.runtime import REOPEN_SECONDS

HERE = Path(str(serve.__file__)).parent


def test_the_answer_is_503_with_whole_seconds() -> None:
    """As HTTP wants them in Retry-After."""
    found = come_back("busy; send it again", 3)

    assert (found.status_code, found.detail, found.headers) == (
        503,
        "busy; send it again",
        {"Retry-After": "3"},
    )


def test_who_is_told_to_come_back_meets_what_has_been_tried_again() -> None:
    """The ledger is opened again no later than callers come back to it; a turn is free sooner."""
    assert 0 < SOON_SECONDS <= REOPEN_SECONDS <= LATER_SECONDS


def test_no_other_module_says_how_soon() -> None:
    """Neither the header nor a 503 of its own is written anywhere else."""
    writes = re.compile(r'"Retry-After"|HTTPException\(503')
    found = {path.name for path in HERE.glob("*.py") if writes.search(path.read_text(encoding="utf-8"))}

    assert found == {"coming_back.py"}
