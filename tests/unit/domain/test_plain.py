"""Plain values into a flat dataclass."""

from dataclasses import dataclass

import pytest

from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError


@dataclass(frozen=True, slots=True)
class Sample:
    """One field of each type."""

    name: str
    share: float
    count: int
    known: bool

    def __post_init__(self) -> None:
        """Refuse a negative count."""
        if self.count < 0:
            raise InputError(f"count is {self.count}, wanted 0 or more")


GOOD: dict[str, object] = {"name": "a", "share": 0.5, "count": 3, "known": True}


def test_each_field_is_read_as_its_type() -> None:
    """A whole number will do where a number is wanted."""
    whole = record_of(Sample, GOOD | {"share": 1}, "it")

    assert record_of(Sample, GOOD, "it") == Sample("a", 0.5, 3, True)
    assert whole == Sample("a", 1.0, 3, True)
    assert type(whole.share) is float


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 3}, r"^it\.name is '3', wanted a text$"),
        ({"share": "x"}, r"^it\.share is 'x', wanted a finite number$"),
        ({"share": True}, r"^it\.share is 'True', wanted a finite number$"),
        ({"share": float("nan")}, r"^it\.share is 'nan', wanted a finite number$"),
        ({"share": 10**400}, r"^it\.share is '10+\.\.\.', wanted a finite number$"),
        ({"count": 1.0}, r"^it\.count is '1\.0', wanted a whole number$"),
        ({"count": False}, r"^it\.count is 'False', wanted a whole number$"),
        ({"count": -1}, r"^it: count is -1, wanted 0 or more$"),
        ({"known": 1}, r"^it\.known is '1', wanted true or false$"),
        ({"known": None}, r"^it\.known is 'None', wanted true or false$"),
        ({"more": 1, "\x1b[2J": 2}, r"^it holds \\x1b\[2J, more, wanted name, share, count, known alone$"),
    ],
)
def test_a_field_that_is_wrong_is_named(changes: dict[str, object], message: str) -> None:
    """With what it is and what was wanted."""
    with pytest.raises(ArtifactError, match=message):
        record_of(Sample, GOOD | changes, "it")


def test_what_is_missing_is_named() -> None:
    """All of it; and what is no object is shown."""
    with pytest.raises(ArtifactError, match=r"^it lacks share, known$"):
        object_of({"name": "a", "count": 1}, GOOD, "it")
    with pytest.raises(ArtifactError, match=r"^it is '\[1\]', wanted an object$"):
        object_of([1], GOOD, "it")
