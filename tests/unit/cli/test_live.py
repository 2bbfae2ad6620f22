"""A training as it runs, on the screen."""

import io

import pytest
from rich.console import Console

from churn_saver.cli.live import EVERY, LiveLines


def _screen(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80, color_system=None)


def _said(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_without_a_terminal_a_line_is_said_now_and_then() -> None:
    """Every tenth and the last, each called by its name; nothing in a figure is markup."""
    screen = _screen(terminal=False)
    with LiveLines(12, screen, "step") as live:
        for step in range(1, 13):
            live.show(step, f"[loss] {step}")

    assert _said(screen).splitlines() == [f"step {EVERY}/12 [loss] 10", "step 12/12 [loss] 12"]


def test_on_a_terminal_every_iteration_is_shown() -> None:
    """With the bar above it."""
    screen = _screen(terminal=True)
    with LiveLines(3, screen) as live:
        live.show(2, "reward 1.5")

    assert "iteration 2/3" in _said(screen)
    assert "reward 1.5" in _said(screen)


def test_an_error_ends_the_display() -> None:
    """So that its message stands by itself."""
    live = LiveLines(3, _screen(terminal=True))

    def train() -> None:
        with live:
            raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match=r"^ours$"):
        train()
    live.show(1, "after the end")

    assert "after the end" not in _said(live._on)
