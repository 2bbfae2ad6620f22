"""Numbers out of plain values."""

from collections.abc import Callable
from math import inf, isnan, nan

import pytest

from churn_saver.adapters.plain_numbers import column, need, number, sequence, text
from churn_saver.errors import ArtifactError


def test_numbers_lists_and_texts_are_read() -> None:
    """A whole number is a number; a tuple is a list."""
    assert number(3, "x") == 3.0
    assert text("a", "x") == "a"
    assert sequence((1, "a"), "x") == [1, "a"]
    assert need({"a": 1, "b": 2}, ("a",), "x") == {"a": 1, "b": 2}


def test_what_nobody_measured_is_nan() -> None:
    """Null in JSON, NaN in memory."""
    read = column([1, None, 2.5, nan], "x")

    assert read[[0, 2]].tolist() == [1.0, 2.5]
    assert [isnan(value) for value in read] == [False, True, False, True]
    assert column([], "x").shape == (0,)


@pytest.mark.parametrize(
    ("reading", "match"),
    [
        (lambda: number(True, "gap"), r"^gap is 'True', wanted a finite number"),
        (lambda: number("3", "gap"), r"^gap is '3', wanted a finite number"),
        (lambda: number(inf, "gap"), r"^gap is 'inf', wanted a finite number"),
        (lambda: column([1.0, "a"], "curves.kl"), r"^curves\.kl\[1\] is 'a', wanted a finite number"),
        (lambda: column([inf], "curves.kl"), r"^curves\.kl\[0\] is 'inf'"),
        (lambda: column({"a": 1}, "curves.kl"), r"^curves\.kl is .*, wanted a list"),
        (lambda: sequence("abc", "rows"), r"^rows is 'abc', wanted a list"),
        (lambda: text(3, "why"), r"^why is '3', wanted a text"),
        (lambda: need([], ("a",), "the ladder"), r"^the ladder is '\[\]', wanted an object"),
        (lambda: need({"b": 1}, ("a", "b", "c"), "the ladder"), r"^the ladder lacks a, c$"),
    ],
)
def test_what_is_something_else_is_named(reading: Callable[[], object], match: str) -> None:
    """Which value, what it is, what was wanted."""
    with pytest.raises(ArtifactError, match=match):
        reading()
