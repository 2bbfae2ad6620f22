"""The decision policy on the screen."""

import io

import pytest
from rich.console import Console

from churn_saver.cli.live import EVERY
from churn_saver.cli.policy_tables import LiveCurves, show_certificate, show_frontier, show_ladder
from churn_saver.train.learning import CurvePoint
from tests.policy_reports import certificate, frontier, ladder, point

Shown = pytest.CaptureFixture[str]
COLUMNS = 80


def _cells(shown: str) -> list[list[str]]:
    """Give the rows of the tables, cell by cell."""
    return [
        [cell.strip() for cell in line.strip("│").split("│")] for line in shown.splitlines() if "│" in line
    ]


def _point(iteration: int, **changes: float) -> CurvePoint:
    return CurvePoint(**point(iteration, **changes))


def _screen(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=COLUMNS, color_system=None)


def _said(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_a_certificate_has_a_line_for_each_budget(capsys: Shown) -> None:
    """Over the budget there is no gain, and it is said."""
    show_certificate(
        certificate((200.0, 4.4, 197.0, 95.5, 4.2, True), (800.0, 2.0, 840.0, 97.0, 13.0, False))
    )
    shown = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")

    assert _cells(shown) == [
        ["2.00", "4.400", "1.97", "98.5 %", "95.5 %", "4.2 %", "yes"],
        ["8.00", "2.000", "8.40", "105.0 %", "–", "13.0 %", "no"],
    ]
    assert "0 %: never contacting" in shown


def test_a_ladder_shows_every_rung_and_who_serves(capsys: Shown) -> None:
    """Gain, interval, regret, spend and time; then other budgets; then the champion and why."""
    show_ladder(ladder())
    shown = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    cells = _cells(shown)

    assert cells[0] == ["Constrained optimum", "100.0 %", "", "1.0 %", "7.92", "150 ms"]
    assert cells[2] == ["PPO, price as input", "96.2 %", "95.7 to 96.7", "4.8 %", "7.92", "40 µs"]
    assert cells[4] == ["Greedy", "over", "", "2.0 %", "21.50", "40 µs"]
    assert ["PPO, price as input", "94.1 %", "96.2 %"] in cells
    assert ["Myopic knapsack", "over", "78.8 %"] in cells
    assert "champion   PPO, price as input\nwhy        ppo_price gains most" in shown


def test_a_ladder_of_one_budget_is_one_table(capsys: Shown) -> None:
    """Nothing to compare with."""
    rows = [row for row in ladder()["rows"] if row["budget_factor"] == 1.0]
    show_ladder(ladder(rows=rows))

    assert "gain at" not in capsys.readouterr().out


def test_a_frontier_has_a_line_for_each_budget(capsys: Shown) -> None:
    """Others beside it where they were measured; a gap of nothing is 0, an unknown one a dash."""
    show_frontier(frontier(gap=[2e-8, None, 0.0]))

    assert _cells(capsys.readouterr().out) == [
        ["2.00", "2.00", "10.00", "4.500", "2e-08", "8.00"],
        ["8.00", "8.00", "20.00", "1.250", "–", "15.00"],
        ["32.00", "29.50", "25.00", "0.000", "0", "–"],
    ]


def test_tables_fit_a_narrow_screen(capsys: Shown) -> None:
    """80 columns, as in a pipe; no heading is broken."""
    show_certificate(certificate())
    show_ladder(ladder())
    show_frontier(frontier())
    tables = [line for line in capsys.readouterr().out.splitlines() if line[:1] in "┏┃┡│└"]

    assert max(map(len, tables)) <= COLUMNS
    assert sum(line.startswith("┃") for line in tables) == sum(line.startswith("┏") for line in tables)


def test_without_a_terminal_every_tenth_iteration_is_a_line() -> None:
    """And the last one, whatever its number."""
    screen = _screen(terminal=False)
    with LiveCurves(25, screen) as live:
        for iteration in range(1, 26):
            if iteration == 15:
                live.regret(4.24)
            live(_point(iteration, reward=41.23, spend=7.913, price=2.0, entropy=0.114, kl=0.0031))

    assert EVERY == 10
    assert _said(screen).replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        "iteration 10/25 reward 41.2 spend 7.91 λ 2.00 entropy 0.11 KL 0.0031",
        "iteration 20/25 reward 41.2 spend 7.91 λ 2.00 entropy 0.11 KL 0.0031 regret 4.2 %",
        "iteration 25/25 reward 41.2 spend 7.91 λ 2.00 entropy 0.11 KL 0.0031 regret 4.2 %",
    ]


def test_what_is_not_known_yet_is_not_shown() -> None:
    """No episode has ended, and the price is an input."""
    screen = _screen(terminal=False)
    with LiveCurves(1, screen) as live:
        live(_point(1, reward=float("nan"), spend=float("nan"), price=0.0, entropy=0.5, kl=0.25))

    assert _said(screen) == "iteration 1/1 entropy 0.50 KL 0.2500\n"


def test_on_a_terminal_a_bar_moves_with_its_figures_below() -> None:
    """It stays when the training is done, and a fault leaves the terminal as it was."""
    screen = _screen(terminal=True)
    with LiveCurves(12, screen) as live:
        for iteration in range(1, 13):
            live(_point(iteration, reward=41.0, spend=7.5))
    shown = _said(screen)

    assert "iteration 12/12 ━" in shown
    assert "reward 41.0 spend 7.50 λ 2.00" in shown.splitlines()[-2]
    assert shown.endswith("\x1b[?25h")


def test_a_resumed_training_goes_on_with_its_count() -> None:
    """The first point is the 11th of 12."""
    screen = _screen(terminal=True)
    with LiveCurves(12, screen) as live:
        live(_point(11))

    assert "iteration 11/12" in _said(screen)
