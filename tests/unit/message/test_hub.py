"""The hub is asked once, in a few seconds, and only for what it could have."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from churn_saver.errors import ConfigError
from churn_saver.message.hub import not_heard_of


class Hub(BaseHTTPRequestHandler):
    """Has one model, and notes who asks for models; its client asks for other things by itself."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        """Answer for nobody/known."""
        if self.path.startswith("/api/models"):
            self.asked.append(self.path)
        known = self.path == "/api/models/nobody/known"
        body = json.dumps({"id": "nobody/known"} if known else {"error": "Repository not found"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("X-Error-Code", "" if known else "RepoNotFound")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let a hub of this machine answer, and give what it was asked."""
    Hub.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield Hub.asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_that_the_hub_has(hub: list[str]) -> None:
    """One question, nothing is wrong."""
    assert not_heard_of("nobody/known") is None
    assert hub == ["/api/models/nobody/known"]


def test_a_model_that_the_hub_does_not_have(hub: list[str]) -> None:
    """Why is given; the cache may have it still."""
    assert "404" in str(not_heard_of("nobody/unknown"))
    assert len(hub) == 1


@pytest.mark.parametrize("name", ["my model!", "a--b", "-mine"])
def test_what_no_hub_could_have_is_named(name: str) -> None:
    """Nobody is asked, and the hub is not blamed."""
    with pytest.raises(ConfigError, match=rf"base_model {name} is no id of the hub, wanted OWNER/NAME"):
        not_heard_of(name)
