"""Count what is asked of a database: a promise about its cost that no busy machine can break."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

_NOT_WORK = ("BEGIN", "PRAGMA", "SET ", "SELECT set_config")
"""Of beginnings and settings; what a transaction itself costs."""


@contextmanager
def executed() -> Iterator[list[str]]:
    """Keep the statements that are executed in a block, on any database."""
    found: list[str] = []

    def keep(*args: object) -> None:
        statement = str(args[2])
        if not statement.startswith(_NOT_WORK):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
