"""The login of the ledger is made without its password being seen, and the service reads its URL."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from churn_saver.store.connecting import engine_for
from tests.cloud.terraform import MODULE, ROOT

SCRIPT = ROOT / "ops" / "scripts" / "database_login.sh"
FAKE = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path({folder!r})
said = json.loads((here / "answers.json").read_text())
tool, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
reads = "-" in arguments or "--data-file=-" in arguments
call = {{"tool": tool, "arguments": arguments, "input": sys.stdin.read() if reads else ""}}
with (here / "calls.jsonl").open("a") as log:
    log.write(json.dumps(call) + "\\n")
for start, (output, code) in said.items():
    if " ".join([tool, *arguments]).startswith(start):
        print(output, end="")
        sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Tools:
    """Stand-ins for gcloud and curl that write down how they were called."""

    folder: Path

    def run(self, *arguments: str, answers: dict[str, tuple[str, int]]) -> "subprocess.CompletedProcess[str]":
        """Run the script among them."""
        (self.folder / "answers.json").write_text(json.dumps(answers))
        (self.folder / "calls.jsonl").touch()
        return subprocess.run(
            ["bash", str(SCRIPT), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}"},
        )

    def calls(self) -> list[dict[str, Any]]:
        """Give how they were called."""
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """Put stand-ins first on the path."""
    for name in ("bash", "openssl", "python3"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    for name in ("gcloud", "curl"):
        path = tmp_path / name
        path.write_text(FAKE.format(python=shutil.which("python3"), folder=str(tmp_path)))
        path.chmod(0o755)
    return Tools(tmp_path)


def _answers(users: str) -> dict[str, tuple[str, int]]:
    return {
        "gcloud auth print-access-token": ("a-token\n", 0),
        "gcloud sql users list": (users, 0),
        "gcloud sql operations list": ("op-1\n", 0),
    }


@pytest.mark.parametrize(
    ("users", "method", "address"),
    [
        ("postgres\n", "POST", "/users"),
        ("postgres\nchurn_saver\n", "PUT", "/users?name=churn_saver"),
        ("postgres\nchurn_saver_old\n", "POST", "/users"),
    ],
)
def test_the_login_is_made_or_gets_another_password(
    tools: Tools, users: str, method: str, address: str
) -> None:
    """A login that is not there is inserted, one that is there is updated, and the change is waited for."""
    done = tools.run("my-project", "europe-west1", answers=_answers(users))
    (request,) = [call["input"] for call in tools.calls() if call["tool"] == "curl"]

    assert done.returncode == 0, done.stderr
    assert f'request = "{method}"' in request
    assert f'/v1/projects/my-project/instances/churn-saver{address}"' in request
    assert ["sql", "operations", "wait", "op-1"] in [call["arguments"][:4] for call in tools.calls()]


def test_its_password_is_seen_by_nobody(tools: Tools) -> None:
    """Password and token are on no command line and not printed; both ends get the same password."""
    done = tools.run("my-project", "europe-west1", answers=_answers(""))
    request, stored = [call["input"] for call in tools.calls() if call["input"]]
    (body,) = re.findall(r'^data = (".*")$', request, re.MULTILINE)
    sent = json.loads(json.loads(body))
    shown = done.stdout + done.stderr + "".join(" ".join(call["arguments"]) for call in tools.calls())

    assert re.fullmatch("[0-9a-f]{64}", sent["password"])
    assert stored == (
        f"postgresql://churn_saver:{sent['password']}@/churn_saver"
        "?host=/cloudsql/my-project:europe-west1:churn-saver"
    )
    assert sent["password"] not in shown
    assert "a-token" not in shown


def test_the_service_reads_the_url(tools: Tools) -> None:
    """It connects to the socket that Cloud Run puts at /cloudsql, colons and all."""
    tools.run("my-project", "europe-west1", answers=_answers(""))
    engine = engine_for(tools.calls()[-1]["input"], create=False)
    _, found = engine.dialect.create_connect_args(engine.url)

    assert found["host"] == "/cloudsql/my-project:europe-west1:churn-saver"
    assert (found["user"], found["dbname"], len(found["password"])) == ("churn_saver", "churn_saver", 64)


def test_a_refused_change_leaves_the_secret_as_it_was(tools: Tools) -> None:
    """No version is added for a password that the database does not have."""
    refused = _answers("") | {"curl": ("", 22)}
    done = tools.run("my-project", "europe-west1", answers=refused)

    assert done.returncode != 0
    assert "secrets" not in [call["arguments"][0] for call in tools.calls()]


def test_it_says_how_it_is_called(tools: Tools) -> None:
    """Without project and region nothing is asked of anybody."""
    done = tools.run("my-project", answers={})

    assert (done.returncode, tools.calls()) == (2, [])
    assert "usage: database_login.sh PROJECT REGION" in done.stderr


def test_it_means_what_terraform_makes() -> None:
    """Instance, database and secret have the same names in both."""
    script, made = SCRIPT.read_text(), (MODULE / "database.tf").read_text()
    (database,) = re.findall(r'^  name += "(\S+)"', made, re.MULTILINE)
    named = (MODULE / "variables_database.tf").read_text().partition('variable "database_instance"')[2]
    (instance,) = re.findall(r'^  default += "(\S+)"', named.partition("\n}\n")[0], re.MULTILINE)

    assert f"instance=${{3:-{instance}}}" in script
    assert f"database={database} " in script
    assert "secret=churn-saver-database-url" in script
    assert 'database_url = "churn-saver-database-url"' in (MODULE / "secrets.tf").read_text()
