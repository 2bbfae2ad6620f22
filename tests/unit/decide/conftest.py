"""Engines on an empty ledger, on either database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from churn_saver.decide import Engine
from tests.deciding import opened


@pytest.fixture
def engine_with(database_url: str) -> Iterator[Callable[..., Engine]]:
    """Give what opens an engine with one campaign, plain but for what is said; it is let go of at the end."""
    with ExitStack() as stores:

        def open_engine(**changes: object) -> Engine:
            engine = opened(database_url, **changes)
            stores.enter_context(engine.store)
            return engine

        yield open_engine
