"""A comparison on the screen."""

import pytest

from churn_saver.cli.comparison_tables import show_comparison
from churn_saver.cli.screen import console
from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.promotion import Evidence, gate
from churn_saver.evidence.shadowed import Beside
from tests.comparisons import BESIDE, GOOD, written


def shown(evidence: Evidence, monkeypatch: pytest.MonkeyPatch, shadow: Beside | None = None) -> str:
    """Give what is printed, on one line."""
    monkeypatch.setenv("COLUMNS", "200")
    with console.capture() as capture:
        show_comparison(gate(evidence, 0.95), written(evidence), shadow)
    return " ".join(capture.get().split())


def test_what_holds_is_shown_with_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Campaign, look, who counts, five rows, the verdict and the digest."""
    told = shown(GOOD, monkeypatch)

    assert told.startswith(
        "campaign spring, retained after 30 days look The only look. counted 100 customers"
    )
    assert told.count("│ yes │") == 5
    assert "B may become champion after A: all 5 conditions hold" in told
    assert f"digest {written()['digest']}" in told


def test_words_of_others_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason in square brackets is printed as it is."""
    told = shown(Evidence(*[Unread("[red]lost[/]")] * 5), monkeypatch)

    assert told.count("[red]lost[/].") == 5
    assert told.count("│ no │") == 5


def test_a_challenger_that_was_a_shadow_is_shown_beside_the_champion(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of its own, after the conditions; without one there is none."""
    told = shown(GOOD, monkeypatch, BESIDE)

    assert "What it would have done while it was the shadow" in told
    assert "wanted what the champion wanted │ 90 of 96, 93.8%" in told
    assert told.index("It earns more") < told.index("while it was the shadow") < told.index("digest")
    assert "shadow" not in shown(GOOD, monkeypatch)
