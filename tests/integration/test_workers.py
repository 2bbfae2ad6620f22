"""Several workers as real processes: one port, one ledger, one page of metrics that equals it, one stop."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from churn_saver.serve.keys import Role, new_key
from churn_saver.store import open_store
from tests.serving import RETAIN
from tests.workers import two_workers

REQUESTS = 40


def ask(url: str, key: str, body: dict[str, object] | None = None) -> tuple[int, str]:
    """Send a request; gives status and text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"X-API-Key": key, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_two_workers_keep_one_set_of_books(tmp_path: Path) -> None:
    """40 customers over 8 connections: 40 decisions in the ledger and on the page; then both stop, with 0."""
    crm, decides = new_key("crm", Role.DECIDE)
    prom, operates = new_key("prom", Role.OPERATE)
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    variables = {"DATABASE_URL": ledger, "API_KEYS": f"{decides};{operates}", "MAX_WAIT_MS": "60000"}
    with two_workers(tmp_path, variables, subprocess.PIPE) as (url, process):
        bodies = [RETAIN | {"customer_id": f"C{number}"} for number in range(REQUESTS)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: ask(f"{url}/retain", crm, body), bodies))
        refused = ask(f"{url}/metrics", crm)[0]
        _, page = ask(f"{url}/metrics", prom)
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=120)[1]

    with open_store(ledger) as store:
        recorded = sum(len(columns["decision_id"]) for columns in store.records())
        money = store.verify("default", store.campaigns.get("default").starts_at)
    counted = {
        name: sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", page, re.MULTILINE))
        for name in ("churn_saver_decisions_total", "churn_saver_in_flight")
    }
    lines = [json.loads(line) for line in log.splitlines()]
    ids = [json.loads(text)["metadata"]["decision_id"] for _, text in answers]
    assert {status for status, _ in answers} == {200}
    assert (process.returncode, refused) == (0, 403)
    assert counted == {"churn_saver_decisions_total": REQUESTS, "churn_saver_in_flight": 0}
    assert recorded == len(set(ids)) == REQUESTS
    assert f'part="reserved"}} {float(money.reserved_minor)}' in page
    assert sorted(line["decision_id"] for line in lines if line.get("status") == 200) == sorted(ids)
    assert {line["caller"] for line in lines if line.get("status") == 200} == {"crm"}
