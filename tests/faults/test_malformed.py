"""Whatever a caller sends is answered as the document says, never by 5xx, and stands in no log.

Three sources of requests: schemathesis, which draws them from the document; a table of hostile values on
every field, path and header; and the same headers over a real connection. The tables are the same in each
run. What is drawn hangs on the constants in the modules of this project that are loaded: Hypothesis tries
those out as well. So it is the same twice over the same code and tests, and other ones after a change, when
other tests run too, and in a checkout below a folder called `tests`.
https://github.com/HypothesisWorks/hypothesis/blob/c4da6be7d022b8a7ee06c3bae3dbd961190b3f41/hypothesis-python/src/hypothesis/internal/constants_ast.py
"""

import asyncio
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from churn_saver.config import Environment
from churn_saver.opening import open_bank
from churn_saver.serve.app import Doors, create_app, sources_of
from churn_saver.serve.connections import PatientUpToALimit
from churn_saver.serve.keys import Role, access_of, new_key
from churn_saver.serve.server import listening
from churn_saver.store import open_store, sqlite_url
from tests.builders import campaign
from tests.faults.asking import (
    Caller,
    Document,
    Drawn,
    Got,
    Judge,
    Operation,
    Sent,
    as_bytes,
    as_sent,
    calling,
)
from tests.faults.hostile_values import FRAGMENTS, LINES, MARK, NINES, TEXTS
from tests.faults.sizes import MALFORMED_REQUESTS
from tests.integration.test_no_personal_data import every_log
from tests.serving import NIGHT, PATIENT, PREDICT, RETAIN, Clock, FakeBooks, sources

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "churn_saver" / "defaults"
SHARES = {
    "POST /retain": 5,
    "POST /predict": 5,
    "POST /decide/batch": 2,
    "POST /outcomes": 2,
    "POST /customers/{customer_id}/suppress": 1,
    "POST /customers/{customer_id}/opt-out": 1,
    "DELETE /customers/{customer_id}": 1,
    "GET /decisions/{decision_id}": 1,
    "GET /decisions/{decision_id}/replay": 1,
    "PUT /control": 2,
    "GET /control": 0,
    "GET /metrics": 0,
    "GET /healthz": 0,
    "GET /health": 0,
    "GET /readyz": 0,
    "GET /ready": 0,
}
"""Of the drawn requests; an operation that takes nothing is asked at the edges of the document alone."""
BODIES: Mapping[str, dict[str, Any]] = {
    "POST /retain": RETAIN,
    "POST /predict": PREDICT,
    "POST /decide/batch": {"customers": [PREDICT]},
    "POST /outcomes": {"decision_id": "0" * 32, "outcome": "accepted", "happened_at": "2026-03-02T17:00:00Z"},
    "PUT /control": {"baseline": False, "stopped": False},
}
"""A good body for each operation that takes one."""
PATHS = {
    "POST /customers/{customer_id}/suppress": b"/customers/%b/suppress",
    "POST /customers/{customer_id}/opt-out": b"/customers/%b/opt-out",
    "DELETE /customers/{customer_id}": b"/customers/%b",
    "GET /decisions/{decision_id}": b"/decisions/%b",
    "GET /decisions/{decision_id}/replay": b"/decisions/%b/replay",
    "GET /healthz": b"/%b",
}
RAW_PATHS = (b"", b"/", b"//", b".", b"..", b"../..", b"%2e%2e%2f", b"%2F", b"%00", b"%ff", b"%c0%80",
             b"%", b"%zz", b"a%2Fsuppress", b"suppress", b"x/suppress/suppress", b";a=b",
             b"a" * 60_000)  # fmt: skip
HEADERS = (
    b"Idempotency-Key", b"Authorization", b"X-API-Key", b"Host", b"Content-Length", b"Content-Type",
    b"traceparent", b"Accept", b"Cookie", b"Origin", b"Transfer-Encoding", b"X-Forwarded-For",
)  # fmt: skip
OURS = {
    b"content-length", b"content-type", b"cache-control", b"content-security-policy", b"referrer-policy",
    b"x-content-type-options", b"x-frame-options", b"allow", b"www-authenticate",
}  # fmt: skip
"""Headers of an answer; none is made of what was sent."""
JSON, HERE = (b"Content-Type", b"application/json"), (b"Host", b"localhost")
KEY = "Idempotency-Key"


def narrowed(document: dict[str, Any], decision_ids: list[str]) -> dict[str, Any]:
    """Say more closely what is accepted, so that requests drawn from the document get through to the end.

    Hypothesis likes to repeat a part of what it drew before. A key is repeated with another body, which is
    422, so keys are not drawn here (`_keyed`); and a long table has some customer twice, so tables are short.
    """
    found: dict[str, Any] = json.loads(json.dumps(document))
    words = {
        "customer_id": {"type": "string", "pattern": "^[A-Za-z0-9/_-]{0,6}[a-z]$"},
        "decision_id": {"type": "string", "enum": [*decision_ids, "0" * 32]},
        "name": {"enum": [None, "Sam", "Renée", "O'Neil", "李"]},
        "time_zone": {"enum": [None, "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]},
        "country": {"enum": [None, "DE", "US"]},
        "event_id": {"enum": [None, "first", "second"]},
        "happened_at": {"type": "string", "pattern": "^2026-0[1-9]-[12][0-9]T[01][0-9]:30:00Z$"},
    }
    for schema in found["components"]["schemas"].values():
        for name in schema.get("properties", {}).keys() & words.keys():
            schema["properties"][name] = words[name]
    for operation in (one for path in found["paths"].values() for one in path.values()):
        drawn = [one for one in operation.get("parameters", []) if one["name"] != KEY]
        operation["parameters"] = [one | {"schema": words.get(one["name"], one["schema"])} for one in drawn]
    table = found["paths"]["/decide/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    table["properties"]["customers"]["maxItems"] = 4
    return found


@dataclass(frozen=True)
class Drawing:
    """A service, and what requests to it are drawn from."""

    caller: Caller
    judge: Judge
    wide: Document
    """As it is served."""
    close: Document
    """With less room, so that most of what is drawn is accepted."""


@pytest.fixture
def drawing(tmp_path: Path) -> Iterator[Drawing]:
    """Serve over a real ledger, in which some decisions stand, with the shipped messages."""
    store = open_store(sqlite_url(tmp_path / "ledger.db"))
    store.campaigns.open(campaign(campaign_id="default", starts_at=NIGHT, limit_minor=10**9))
    bank, _ = open_bank(Environment())
    app = create_app(sources(store, bank=bank), Clock(), Doors.of(PATIENT))
    with calling(app) as caller:
        ids = [
            json.loads(caller.ask(asked(RETAIN | {"customer_id": one})).body)["metadata"]["decision_id"]
            for one in ("a", "b", "c")
        ]
        own = app.openapi()
        yield Drawing(caller, Judge(app), Document(own), Document(narrowed(own, ids)))


def asked(body: object) -> Sent:
    """Give a request to /retain."""
    return Sent("POST", b"/retain", (HERE, JSON), as_bytes(json.dumps(body)))


@pytest.mark.parametrize("label", SHARES)
def test_drawn_requests(label: str, drawing: Drawing) -> None:
    """At the edges of the document, within it and outside it; each twice, the same bytes under a key."""
    seen: Counter[int] = Counter()

    def try_out(case: Drawn) -> None:
        send(as_sent(case, HERE))

    def send(sent: Sent) -> None:
        first, again = drawing.caller.ask(sent), drawing.caller.ask(sent)
        for got in (first, again):
            seen[got.status] += 1
            drawing.judge.check(sent, got)
        is_keyed = b"idempotency-key" in (name.lower() for name, _ in sent.headers)
        assert first.body == again.body or first.status != 200 or not is_keyed

    def try_a_close_one(case: Drawn) -> None:
        sent = as_sent(case, HERE)
        send(_keyed(sent) if takes_key else sent)

    close, wide = drawing.close, drawing.wide
    takes_key = any(one.name == KEY for one in wide.operations[label].headers)
    each = MALFORMED_REQUESTS * SHARES[label] // (6 * sum(SHARES.values()))
    _draw(close.operations[label], GenerationMode.POSITIVE, each, try_a_close_one)
    refused, close_ones = seen[422], seen.total()
    for case in (*close.edges(label), *wide.edges(label)):
        try_out(case)
    _draw(wide.operations[label], GenerationMode.POSITIVE, each, try_out)
    _draw(wide.operations[label], GenerationMode.NEGATIVE, each, try_out)

    assert seen.total() >= 6 * each
    assert refused <= close_ones // 2


def _keyed(sent: Sent) -> Sent:
    """Give every other request a key of its own: the same for the same bytes."""
    digest = hashlib.sha256(sent.target + b"\n" + sent.body).hexdigest()
    own = (as_bytes(KEY), as_bytes(digest))
    return replace(sent, headers=(*sent.headers, own)) if int(digest, 16) % 2 else sent


def _draw(operation: Operation, mode: GenerationMode, n: int, try_out: Callable[[Drawn], None]) -> None:
    if not n:
        return

    @settings(
        max_examples=n,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def run(case: Drawn) -> None:
        try_out(case)

    run()


def test_every_operation_has_its_share() -> None:
    """An operation that is new is put into the tables of this module."""
    operations = Document(create_app(sources(FakeBooks()), Clock()).openapi()).operations
    known = operations.items()

    assert sorted(SHARES) == sorted(operations)
    assert sorted(BODIES) == sorted(label for label, one in known if len(one.body))
    assert set(PATHS) >= {label for label, one in known if len(one.path_parameters)}


class Desk:
    """Asks a service, judges each answer, and counts."""

    def __init__(self, app: FastAPI, caller: Caller, key: str) -> None:
        """Take a started app, and an administrator's key."""
        self.document = app.openapi()
        self._caller, self._judge = caller, Judge(app)
        self.usual = (HERE, (b"X-API-Key", key.encode()))
        self.statuses: Counter[int] = Counter()
        self._numbers = itertools.count()

    def new_id(self) -> str:
        """Name a customer whom nobody has asked about."""
        return f"C{next(self._numbers)}"

    def ask(self, sent: Sent, what: object) -> Got:
        """Send: the answer is as documented, a refusal repeats nothing, and no header is made of it."""
        got = self._caller.ask(sent)
        self.statuses[got.status] += 1
        self._judge.check(sent, got)
        assert got.status == 200 or MARK not in _told(got), (what, got)
        assert {name.lower() for name, _ in got.headers} <= OURS, (what, got)
        return got

    def post(self, label: str, body: bytes, what: object) -> Got:
        """Send a body."""
        method, _, path = label.partition(" ")
        return self.ask(Sent(method, path.encode(), (*self.usual, JSON), body), what)


def _told(got: Got) -> str:
    """Give what a refusal says of values; names of fields that nobody knows are repeated on purpose."""
    detail = json.loads(got.body)["detail"] if got.body else ""
    faults = detail if isinstance(detail, list) else [{"reason": detail}]
    return " ".join(f"{one['reason']} {one.get('wanted')}" for one in faults).lower()


def everything(folder: Path, mode: str) -> tuple[FastAPI, str]:
    """Build a service with all that is shipped, and draw an administrator's key to it."""
    key, line = new_key("tests", Role.ADMIN)
    places = {"MODEL_DIR": SHIPPED, "POLICY_DIR": SHIPPED, "BANK_DIR": SHIPPED / "message_bank"}
    environment = Environment.model_validate(
        {name: str(place) for name, place in places.items()}
        | {"CONFIG_DIR": str(ROOT / "ops" / "configs"), "DATABASE_URL": sqlite_url(folder / "ledger.db")}
        | {"MAX_WAITING": "1000", "MAX_WAIT_MS": "60000"}
        | ({"API_KEYS": line} if mode == "keys" else {})
    )
    return create_app(sources_of(environment), Clock(), Doors.of(environment, access_of(environment))), key


@contextmanager
def desk(folder: Path, mode: str = "keys") -> Iterator[Desk]:
    """Open a desk; at its end the log has a line for each request, and nothing of what was sent."""
    app, key = everything(folder, mode)
    with every_log() as log, calling(app) as caller:
        found = Desk(app, caller, key)
        yield found
    written = log.getvalue().lower()
    assert len(written.splitlines()) >= found.statuses.total()
    assert (MARK in written, NINES[:20] in written) == (False, False)


def replaced(good: Mapping[str, object], field: str, fragment: bytes) -> bytes:
    """Write an object with a fragment where the value of a field stands."""
    pairs = {name: as_bytes(json.dumps(value)) for name, value in good.items()} | {field: fragment}
    return b"{" + b",".join(b"%b:%b" % (as_bytes(json.dumps(name)), x) for name, x in pairs.items()) + b"}"


@pytest.mark.parametrize("label", BODIES)
def test_a_hostile_value_in_any_field(tmp_path: Path, label: str) -> None:
    """On every field that the document has, and on one that it has not; then on the body as a whole."""
    with desk(tmp_path) as here:
        for what, fragment in FRAGMENTS.items():
            here.post(label, fragment, what)
            for field, write in _fields(here, label):
                here.post(label, write(fragment), (field, what))
            here.post(label, replaced(BODIES[label], TEXTS.get(what, ""), b"1"), what)

    assert here.statuses[422] > here.statuses.total() // 2


def _fields(here: Desk, label: str) -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Give each field of a body, and what writes a body with a fragment in it."""
    good, schemas = BODIES[label], here.document["components"]["schemas"]
    method, _, path = label.partition(" ")
    content = here.document["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]
    if label == "POST /decide/batch":
        yield "customers", partial(replaced, good, "customers")
        names, row = schemas["PredictRequest"]["properties"], good["customers"][0]
    else:
        names, row = schemas[content["schema"]["$ref"].rpartition("/")[2]]["properties"], good
    for name in (*names, "customerID", "more"):
        whose = {"customer_id": here.new_id()} if "customer_id" in row else {}
        write = partial(replaced, row | whose, name)
        yield name, partial(_second, write, here.new_id()) if row is not good else write


def _second(write: Callable[[bytes], bytes], before: str, fragment: bytes) -> bytes:
    """Put a customer into a table, after a good one."""
    first = as_bytes(json.dumps(PREDICT | {"customer_id": before}))
    return b'{"customers":[%b,%b]}' % (first, write(fragment))


@pytest.mark.parametrize("label", PATHS)
def test_a_hostile_path(tmp_path: Path, label: str) -> None:
    """Written as it should be, and raw; with a query that nobody asked for, and under other methods."""
    method = label.partition(" ")[0]
    values = [as_bytes(quote_from_bytes(line, safe="")) for line in LINES.values()]
    with desk(tmp_path) as here:
        for value in (*values, *RAW_PATHS):
            for query in (b"", b"?customer_id=" + value, b"?" + value):
                target = PATHS[label] % value + query
                here.ask(Sent(method, target, here.usual, b""), target)
            for other in ("HEAD", "PATCH", "TRACE", MARK.upper()):
                here.ask(Sent(other, PATHS[label] % value, here.usual, b""), (other, value))

    assert here.statuses[404] + here.statuses[405] + here.statuses[422] > 0


@pytest.mark.parametrize("mode", ["keys", "local"])
def test_a_hostile_header(tmp_path: Path, mode: str) -> None:
    """Each header with each value, in place of the good one and beside it, the operations in turn."""
    labels = itertools.cycle(BODIES)
    with desk(tmp_path, mode) as here:
        for header, (what, line) in itertools.product(HEADERS, LINES.items()):
            label = next(labels)
            method, _, path = label.partition(" ")
            body = as_bytes(json.dumps(BODIES[label]))
            usual = (*here.usual, JSON)
            for kept in (usual, [one for one in usual if one[0] != header]):
                sent = Sent(method, path.encode(), (*kept, (header, line)), body)
                here.ask(sent, (header, what))

    assert here.statuses[401] > 0 if mode == "keys" else here.statuses[421] > 0


def test_hostile_bytes_on_a_connection(tmp_path: Path) -> None:
    """The server answers each of them or hangs up, tells nothing of them, and still serves afterwards."""
    app, _ = everything(tmp_path, "local")
    plain = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    body = as_bytes(json.dumps(RETAIN))
    start = (
        b"POST /retain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    )
    told = [
        start + b"%b: %b\r\nContent-Length: %d\r\n\r\n" % (header, line, len(body)) + body
        for header, line in itertools.product(HEADERS, LINES.values())
    ]
    told += [
        b"GET /decisions/%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % line
        for line in LINES.values()
    ]
    told += [
        b"%b / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % line for line in LINES.values()
    ]
    with every_log() as log:
        answers = asyncio.run(_exchanged(app, [*told, plain]))

    assert answers[-1].startswith(b"HTTP/1.1 200")
    assert not [(one, got) for one, got in zip(told, answers, strict=False) if got.startswith(b"HTTP/1.1 5")]
    assert not [got for got in answers if b"set-cookie" in got.lower() or MARK.encode() in got.lower()]
    assert MARK not in log.getvalue().lower()


class Impatient(PatientUpToALimit):
    """Waits for the rest of a request no longer than a test can."""

    request_seconds = 2.0


async def _exchanged(app: FastAPI, told: list[bytes]) -> list[bytes]:
    """Send each on a connection of its own, and give what came back until the end."""
    with listening("127.0.0.1", 0) as bound:
        settings = uvicorn.Config(app, http=Impatient, ws="none", log_config=None, access_log=False)
        server = uvicorn.Server(settings)
        serving = asyncio.create_task(server.serve([bound]))
        answers = []
        for one in told:
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            writer.write(one)
            answers.append(await reader.read())
            writer.close()
        server.should_exit = True
        await serving
    return answers
