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
