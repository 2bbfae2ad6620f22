"""What every use of Google Cloud shares: the optional packages, and its many errors as one clear line.

Knows no service. The client libraries read the variables that say who is asking
(GOOGLE_APPLICATION_CREDENTIALS and the like) by themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from churn_saver.errors import ConfigError, InputError


def package(name: str) -> Any:
    """Import an optional package; only here, so that all else runs without it.

    Raises:
        ConfigError: not installed; says what brings it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the package {name} is not installed. Next step: pip install 'churn-saver[gcp]'"
        ) from error


@contextmanager
def answers(what: str, role: str) -> Iterator[None]:
    """Turn what goes wrong at Google Cloud into one line that says what to do.

    Args:
        what: The thing asked for.
        role: That allows it.

    Raises:
        InputError: no credentials, not allowed, not there, out of reach, or refused.
    """
    api = package("google.api_core.exceptions")
    auth = package("google.auth.exceptions")
    unreachable = (
        api.RetryError, api.ServerError, api.TooManyRequests, auth.TransportError,
        package("requests.exceptions").RequestException,
    )  # fmt: skip
    try:
        yield
    except unreachable as error:
        raise InputError(
            f"{what} cannot be reached ({_short(error)}). Look at the network and run the same command again"
        ) from error
    except (auth.GoogleAuthError, api.Unauthorized) as error:
        raise InputError(
            f"{what}: Google Cloud does not know who is asking ({_short(error)}). Next step: gcloud auth "
            "application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"
        ) from error
    except api.Forbidden as error:
        raise InputError(
            f"{what}: this account may not do that ({_short(error)}). Ask for the role {role}"
        ) from error
    except api.NotFound as error:
        raise InputError(f"{what} is not there. Look for a misspelling, or make it first") from error
    except api.GoogleAPIError as error:
        raise InputError(f"{what}: Google Cloud refused ({_short(error)})") from error


def _short(error: Exception) -> str:
    """Give the first line of an error, which is the one a person reads."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"
