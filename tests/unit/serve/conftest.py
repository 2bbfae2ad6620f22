"""A whole service on a ledger of its own, at a clock that stands."""

from collections.abc import Iterator

import pytest

from tests.serving import Client, Clock, real_service


@pytest.fixture
def clock() -> Clock:
    """A clock at noon."""
    return Clock()


@pytest.fixture
def client(database_url: str, clock: Clock) -> Iterator[Client]:
    """A service on whatever database the test has."""
    with real_service(database_url, clock) as started:
        yield started
