"""One rule for ids: what is refused, and which are the same."""

import pytest

from churn_saver.domain.identifiers import checked_id, spellings
from churn_saver.errors import InputError

JOSE, JOSE_IN_TWO = "Jos\u00e9", "Jose\u0301"


def test_an_id_has_one_spelling() -> None:
    """White space around it and the way its letters are composed say nothing; capitals and zeros do."""
    assert {checked_id(one) for one in (JOSE, JOSE_IN_TWO, f" {JOSE}\n")} == {JOSE}
    assert [checked_id(one) for one in ("C3", "c3", "007", "a b")] == ["C3", "c3", "007", "a b"]


@pytest.mark.parametrize("bad", ["", "  ", "x" * 129, "a\x00b", "a\u200bb", "\u0958" * 65])
def test_an_id_that_cannot_be_meant_is_refused(bad: str) -> None:
    """Blank, too long, also once it is composed, or with a sign that nobody sees."""
    with pytest.raises(
        InputError, match=r"customer id is .*, wanted 1 to 128 characters, none of them invis"
    ):
        checked_id(bad)


def test_all_spellings_begin_with_the_own_form() -> None:
    """Older books may hold any; plain ids have one."""
    assert spellings("C3") == ("C3",)
    assert spellings(JOSE) == spellings(JOSE_IN_TWO) == (JOSE, JOSE_IN_TWO)
    assert spellings("中") == ("中",)
    assert spellings(f"{JOSE}{JOSE_IN_TWO}")[0] == JOSE * 2
    assert len(spellings(f"{JOSE}{JOSE_IN_TWO}")) == 3
