"""Names that are safe below any folder and any prefix."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.places.stored import Content, Stored, plain_name, refuse_other
from churn_saver.errors import InputError

SNEAKY = st.text(st.sampled_from("ab./\\ü\0\n~$%"), max_size=12)


@given(name=st.text() | SNEAKY)
def test_a_plain_name_stays_below(name: str) -> None:
    """Whatever passes is given back as it was, is relative, and has no part that leads up or hides."""
    try:
        passed = plain_name(name)
    except InputError:
        return

    assert passed == name
    assert PurePosixPath("/place", passed).parts == ("/", "place", *name.split("/"))
    assert not any(part.startswith(".") for part in name.split("/"))
    assert len(passed.encode()) <= 1024


@pytest.mark.parametrize("name", ["a", "a/b.c", "ü/日本 x?#%&+.txt", "a" * 255, "~", "C:", "-rf"])
def test_usual_and_unusual_names_pass(name: str) -> None:
    """Only what leads elsewhere is refused."""
    assert plain_name(name) == name


def test_a_refused_name_is_shown_in_part() -> None:
    """A name of any length makes a message of some length."""
    with pytest.raises(InputError, match=r"^'x{80}' is no plain name, wanted something like") as refused:
        plain_name("x" * 5_000)
    assert len(str(refused.value)) < 300


def test_the_same_content_is_not_refused() -> None:
    """Whatever its generation."""
    refuse_other("place", "file", Stored(Content(1, "sha256 a"), 7), Content(1, "sha256 a"))

    with pytest.raises(InputError, match=r"it has sha256 a and 1 bytes, ours has sha256 b and 1"):
        refuse_other("place", "file", Stored(Content(1, "sha256 a"), 7), Content(1, "sha256 b"))
    with pytest.raises(InputError, match=r"file at place was taken away meanwhile"):
        refuse_other("place", "file", None, Content(1, "sha256 b"))
