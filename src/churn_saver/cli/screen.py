"""What a person sees: one console, counts in words, progress bars for long work."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from churn_saver.domain.progress import Progress as Report

console = Console(highlight=False)


def say(text: str) -> None:
    """Print a line that holds words of others: paths, ids, columns. Nothing in it is markup."""
    console.print(text, markup=False)


def note(text: str) -> None:
    """Print what the reader should know before going on."""
    console.print(f"[yellow]note[/] {escape(text)}")


def counted(n: int, what: str) -> str:
    """Count things in words: 1 customer, 11 customers."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


@contextmanager
def bars(passing: bool = False) -> Iterator[Report]:
    """Show a bar for each kind of work that reports on itself.

    Args:
        passing: Take the bars away when the work is done.
    """
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Bars that pass would leave an empty line where nothing can be taken back: in a file or a pipe.
    unseen = passing and not console.is_terminal
    with Progress(*columns, console=console, transient=passing, disable=unseen) as progress:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report
