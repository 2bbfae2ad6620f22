"""The environment variables that are read."""

import pytest

from churn_saver.config import environment
from churn_saver.errors import ConfigError


def test_the_environment_is_read_by_name_and_empty_counts_as_unset() -> None:
    """Other variables are not ours to judge."""
    found = environment({"PORT": "9000", "FORCE_BASELINE": "true", "HOST": "", "HOME": "/root"})

    assert (found.PORT, found.FORCE_BASELINE, found.HOST) == (9000, True, "127.0.0.1")


def test_a_variable_that_cannot_be_meant_is_named() -> None:
    """A port above 65,535 is no port."""
    with pytest.raises(ConfigError, match=r"environment: PORT is '99999'"):
        environment({"PORT": "99999"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_MODE", "none"),
        ("WORKERS", "0"),
        ("MAX_IN_FLIGHT", "33"),
        ("MAX_WAITING", "-1"),
        ("MAX_WAIT_MS", "1e9"),
    ],
)
def test_who_may_call_and_how_many_is_never_guessed(name: str, value: str) -> None:
    """A slip of the pen must not open the service, nor let it take what it cannot carry."""
    with pytest.raises(ConfigError, match=rf"environment: {name} is"):
        environment({name: value})
