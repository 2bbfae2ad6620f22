"""Every way in which Google Cloud says no becomes one line that says what to do."""

import pytest

from churn_saver.adapters.cloud import answers, package
from churn_saver.errors import ConfigError, InputError

api = pytest.importorskip("google.api_core.exceptions")
auth = pytest.importorskip("google.auth.exceptions")
requests = pytest.importorskip("requests")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (requests.ConnectionError("no route"), r"^thing cannot be reached \(ConnectionError: no route\)"),
        (api.RetryError("too long", None), r"^thing cannot be reached"),
        (api.ServiceUnavailable("down"), r"^thing cannot be reached \(ServiceUnavailable: 503 down\)"),
        (api.TooManyRequests("slowly"), r"^thing cannot be reached"),
        (auth.TransportError("no route"), r"^thing cannot be reached"),
        (auth.DefaultCredentialsError("none"), r"^thing: Google Cloud does not know .*gcloud auth"),
        (auth.RefreshError("expired\nlong tale"), r"who is asking \(RefreshError: expired\)"),
        (api.Unauthorized("who?"), r"does not know who is asking"),
        (api.Forbidden("no"), r"^thing: this account may not do that .*Ask for the role roles/reader$"),
        (api.NotFound("no"), r"^thing is not there\."),
        (api.BadRequest("no"), r"^thing: Google Cloud refused \(BadRequest: 400 no\)$"),
    ],
)
def test_each_error_says_what_to_do(error: Exception, said: str) -> None:
    """Network, sign-in, role, spelling; the rest is passed on in one line."""
    with pytest.raises(InputError, match=said) as raised, answers("thing", "roles/reader"):
        raise error
    assert raised.value.__cause__ is error
    assert "\n" not in str(raised.value)


def test_what_is_no_error_of_theirs_is_left_alone() -> None:
    """A mistake of ours must not be taken for one of the network."""
    with pytest.raises(ZeroDivisionError, match=r"^ours$"), answers("thing", "roles/reader"):
        raise ZeroDivisionError("ours")


def test_an_absent_package_names_the_extra() -> None:
    """And a present one is given."""
    assert package("json").loads("1") == 1
    with pytest.raises(ConfigError, match=r"^the package no_such\.package is not .*'churn-saver\[gcp\]'$"):
        package("no_such.package")
