"""The app as a whole: errors in one shape, a complete OpenAPI document, and a door to this machine only."""

import json
import os
import signal
import socket
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.serve.app import listening, run, sources_of
from tests.serving import PREDICT, RETAIN, fake_service

PATHS = [("/retain", RETAIN), ("/predict", PREDICT)]


@pytest.fixture(scope="module")
def openapi() -> Any:
    """The document as callers read it."""
    with fake_service() as client:
        return client.get("/openapi.json").json()


def test_two_apps_share_nothing() -> None:
    """No state at module level: one app's books are not another's."""
    with fake_service() as one, fake_service() as other:
        assert one.app is not other.app
        assert one.post("/retain", RETAIN).status_code == other.post("/retain", RETAIN).status_code == 200


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_only_json_that_says_so_is_read(path: str, body: dict[str, Any]) -> None:
    """A page in a browser can send text to this machine without asking; it is refused."""
    with fake_service() as client:
        found = client.raw(path, json.dumps(body).encode(), "text/plain")

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"] == "body"
    assert "application/json" in found.json()["detail"][0]["wanted"]


@pytest.mark.parametrize("path", ["/retain", "/predict"])
def test_a_chunked_body_over_the_limit_is_413(path: str) -> None:
    """Counted as it comes in, before anything is parsed."""

    async def chunks() -> Any:
        """Give 65 KiB without a length."""
        for _ in range(65):
            yield b" " * 1024

    with fake_service() as client:
        found = client.send("POST", path, content=chunks(), headers={"Content-Type": "application/json"})

    assert found.status_code == 413
    assert "65536" in found.json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/retain", 405)])
def test_what_is_not_there_is_answered_in_json(method: str, path: str, status: int) -> None:
    """With the same headers as any answer."""
    with fake_service() as client:
        found = client.send(method, path)

    assert found.status_code == status
    assert set(found.json()) == {"detail"}
    assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_no_other_site_is_let_in() -> None:
    """No CORS header, whatever origin asks."""
    with fake_service() as client:
        asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
        found = client.send("OPTIONS", "/retain", headers=asked)

    assert not [name for name in found.headers if name.startswith("access-control")]


def test_the_document_lists_every_route_and_every_error(openapi: Any) -> None:
    """Two requests with 413, 422 and 500; four probes, two of them with 503."""
    answers = {path: set(next(iter(entry.values()))["responses"]) for path, entry in openapi["paths"].items()}

    assert answers == {
        "/retain": {"200", "413", "422", "500"},
        "/predict": {"200", "413", "422", "500"},
        "/healthz": {"200"},
        "/health": {"200"},
        "/readyz": {"200", "503"},
        "/ready": {"200", "503"},
    }


def test_every_field_in_the_document_is_described(openapi: Any) -> None:
    """Of requests, answers and errors; every operation has a summary and an id of its own."""
    schemas = openapi["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, entry in schema["properties"].items()
        if not entry.get(
            "description", schemas.get(entry.get("$ref", "").split("/")[-1], {}).get("description")
        )
    ]
    operations = [operation for entry in openapi["paths"].values() for operation in entry.values()]

    assert bare == []
    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_errors_in_the_document_are_ours(openapi: Any) -> None:
    """422 is {detail: [{field, reason, wanted}]}."""
    answer = openapi["paths"]["/retain"]["post"]["responses"]["422"]

    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Refused"}
    assert set(openapi["components"]["schemas"]["Refusal"]["properties"]) == {"field", "reason", "wanted"}
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", "127.0.0.1.example.com"])
def test_another_machine_cannot_be_let_in_by_host(host: str) -> None:
    """There are no keys yet, so the answer says what to do instead."""
    with pytest.raises(ConfigError, match="answers this machine only"):
        run(Environment(HOST=host))


def test_a_taken_port_is_an_error_of_one_line() -> None:
    """With the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"PORT {port} cannot be bound.*set PORT"):
            run(Environment(PORT=port))


def test_answers_are_not_held_back() -> None:
    """An accepted connection sends small pieces at once instead of waiting for acknowledgements."""
    with (
        listening("127.0.0.1", 0) as door,
        socket.create_connection(door.getsockname()),
        door.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where it listens, answers there, and an interrupt ends it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    answers: list[object] = []

    def ask_and_stop() -> None:
        try:
            answers.append(_asked(f"http://127.0.0.1:{port}/healthz"))
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    asking = threading.Thread(target=ask_and_stop)
    # A shell lets its background jobs ignore the signal; the service then stops, but nothing is raised.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        asking.start()
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            run(Environment(PORT=port, DATABASE_URL=ledger, FORCE_BASELINE=True))
    finally:
        signal.signal(signal.SIGINT, before)
    asking.join()

    assert answers == [{"status": "ok"}]
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out


def _asked(url: str) -> object:
    """Ask until somebody answers."""
    for _ in range(200):
        with suppress(OSError), urllib.request.urlopen(url, timeout=5) as response:
            return json.loads(response.read())
        time.sleep(0.05)
    return None


def test_unreadable_settings_stop_the_start() -> None:
    """Nothing is served on guesses."""
    with pytest.raises(ConfigError, match="CONFIG_DIR"):
        sources_of(Environment(CONFIG_DIR="/nowhere"))
