"""Each check of `make scan`, with its real tool: clean, then shown to fail on a planted fault."""

import json
import os
import secrets
import string
import subprocess
from pathlib import Path

import pytest

from ops.scan.accepted import PLACE, Exemption, exemptions, judged
from ops.scan.files import project_files
from ops.scan.outcome import Finding, Outcome, table
from tests.cloud.planted_project import ROOT, Project, advisories, environment, planted, tool

CANARY = {("django", "2.0"): "PYSEC-2018-1"}
LETTERS = string.ascii_letters + string.digits


def drawn(alphabet: str, length: int) -> str:
    """Draw a secret now, so that no file holds one."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def last(done: "subprocess.CompletedProcess[str]") -> str:
    """The line that counts."""
    return done.stdout.splitlines()[-1]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A clean one."""
    return planted(tmp_path / "project")


@pytest.mark.parametrize("check", ["secrets", "dockerfiles", "shell", "code"])
def test_a_clean_project_is_clean(project: Project, check: str) -> None:
    """Exit code 0, and the table says what was looked at."""
    done = project.scan("--only", check)

    assert done.returncode == 0, done.stdout
    assert last(done) == "1 checks: 1 clean, 0 with something to mend, 0 not checked, or not wholly"
    looked_at = {"secrets": "6 files", "dockerfiles": "ops/docker/Dockerfile.app", "shell": "1 scripts"}
    assert looked_at.get(check, "1 modules, 1 lines") in done.stdout


SECRETS = {
    "github-pat": lambda: f'TOKEN = "ghp_{drawn(LETTERS, 36)}"',
    "aws-access-token": lambda: f'KEY = "AKIA{drawn(string.ascii_uppercase + "234567", 16)}"',
    "churn-saver-key": lambda: f"curl -H 'X-API-Key: cs_{secrets.token_urlsafe(32)}' localhost:8080/retain",
    "database-url-with-password": lambda: f"DATABASE_URL=postgresql://me:{drawn(LETTERS, 24)}@host/ledger",
}


@pytest.mark.parametrize("rule", SECRETS)
def test_a_planted_secret_is_found_and_not_shown(project: Project, rule: str) -> None:
    """By file and line; what was found is in no line of what is printed."""
    line = SECRETS[rule]()
    project.write("docs/notes.md", f"# Notes\n\n{line}\n")
    project.write(".gitleaks.toml", (ROOT / ".gitleaks.toml").read_text())
    done = project.scan("--only", "secrets")

    assert done.returncode == 1
    assert f"secrets: docs/notes.md:3: {rule} a secret" in done.stdout
    longest = max(line.replace('"', " ").replace(":", " ").replace("@", " ").split(), key=len)
    assert longest not in done.stdout + done.stderr


def test_a_secret_of_the_past_is_found(project: Project) -> None:
    """What was committed once is readable for ever, also when the file is gone."""
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@n.test", "-C", str(project.root)]
    project.write("old.txt", SECRETS["github-pat"]())
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "in"],
        ["rm", "-q", "old.txt"],
        ["commit", "-qm", "out"],
    ):
        subprocess.run([*git, *words], check=True)
    done = project.scan("--only", "secrets")

    assert done.returncode == 1
    assert "secrets: old.txt:1: github-pat a secret in commit " in done.stdout


def test_what_git_ignores_is_not_looked_at(project: Project) -> None:
    """.env is where secrets belong, and a virtual environment is not the project's."""
    project.write(".env", SECRETS["github-pat"]())
    project.write("var/keys.txt", SECRETS["github-pat"]())
    project.write("elsewhere/pyvenv.cfg", "")
    project.write("elsewhere/lib/keys.txt", SECRETS["github-pat"]())

    assert project.scan("--only", "secrets").returncode == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FROM ubuntu\nUSER 10001\n", "DL3006"),
        ("FROM python:latest\nUSER 10001\n", "DL3007"),
        ("FROM python:3.11-slim\nUSER root\n", "DL3002"),
        ("FROM python:3.11-slim\nRUN apt-get update && apt-get install -y curl\nUSER 10001\n", "DL3008"),
        ("FROM python:3.11-slim\nADD a /a\nUSER 10001\n", "DL3020"),
        ("FROM elsewhere.test/python:3.11\nUSER 10001\n", "DL3026"),
    ],
)
def test_a_bad_dockerfile_fails(project: Project, text: str, rule: str) -> None:
    """Any Dockerfile in any folder, by rule."""
    project.write(".hadolint.yaml", (ROOT / ".hadolint.yaml").read_text())
    project.write("deep/down/Dockerfile", text)
    done = project.scan("--only", "dockerfiles")

    assert done.returncode == 1
    assert f"{rule} " in done.stdout
    assert "dockerfiles: deep/down/Dockerfile:" in done.stdout


@pytest.mark.parametrize("file", ["ops/bad.sh", ".ci/run"])
def test_a_bad_script_fails(project: Project, file: str) -> None:
    """An unquoted variable before a removal."""
    project.write(file, "#!/usr/bin/env bash\nrm -rf $1/x\n")
    done = project.scan("--only", "shell")

    assert done.returncode == 1
    assert f"shell: {file}:2: SC2086" in done.stdout


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('import subprocess; subprocess.run("ls " + input(), shell=True)', "B602"),
        ("import pickle; pickle.loads(input())", "B301"),
        ("import yaml; yaml.load(input())", "B506"),
        ("eval(input())", "B307"),
        ('import hashlib; hashlib.md5(b"x")', "B324"),
        ('import requests; requests.get("https://x.test", verify=False)', "B501"),
    ],
)
def test_a_dangerous_call_fails(project: Project, line: str, rule: str) -> None:
    """In what runs; tests may do what they like."""
    project.write("tests/test_x.py", f"{line}\n")
    innocent = project.scan("--only", "code")
    project.write("src/planted/bad.py", f"{line}\n")
    done = project.scan("--only", "code")

    assert innocent.returncode == 0
    assert done.returncode == 1
    assert f"code: src/planted/bad.py:1: {rule} " in done.stdout


def test_a_module_that_cannot_be_read_is_not_clean(project: Project) -> None:
    """It is named as not checked, and fails where all has to be checked."""
    project.write("src/planted/broken.py", "def (\n")
    done, strict = project.scan("--only", "code"), project.scan("--only", "code", "--strict")

    assert (done.returncode, strict.returncode) == (0, 1)
    assert "code: not checked: bandit could not read src/planted/broken.py" in done.stdout
    assert "0 clean, 0 with something to mend, 1 not checked" in last(done)


ACCEPTED = """
[[accepted]]
check = "code"
rule = "B307"
file = "src/planted/sums.py"
count = 1
reason = "The text is written one line above."
"""


@pytest.mark.parametrize(
    ("calls", "code", "told"),
    [(1, 0, "1 clean"), (2, 1, "2 to mend"), (0, 1, "accepted.toml accepts 1 of these, found 0")],
)
def test_an_exception_holds_for_what_was_judged(project: Project, calls: int, code: int, told: str) -> None:
    """One more finding brings back all; one less, and the exception is what has to go."""
    project.write("ops/scan/accepted.toml", ACCEPTED)
    project.write("src/planted/sums.py", 'eval("1 + 1")\n' * calls)
    done = project.scan("--only", "code")

    assert done.returncode == code
    assert told in done.stdout


def test_an_exception_is_of_one_check_rule_and_file() -> None:
    """The same rule elsewhere is reported."""
    one = Exemption("code", "B307", "a.py", 1, "harmless")
    here, there = Finding("B307", "a.py", 1, ""), Finding("B307", "b.py", 1, "")

    assert judged("code", [here, there], [one]) == (there,)
    assert judged("shell", [here], [one]) == (here,)


@pytest.mark.parametrize(("count", "reason"), [(1, " "), (0, "harmless")])
def test_an_exception_without_a_reason_is_refused(tmp_path: Path, count: int, reason: str) -> None:
    """So that none is written in passing."""
    path = tmp_path / "accepted.toml"
    path.write_text(
        ACCEPTED.replace("count = 1", f"count = {count}").replace(
            "The text is written one line above.", reason
        )
    )

    with pytest.raises(ValueError, match="wanted at least 1 and a sentence"):
        exemptions(path)


def test_every_exception_of_ours_names_a_file_that_is_there() -> None:
    """And all have a reason, or they would not load."""
    found = exemptions(ROOT / PLACE)

    assert found
    assert all((ROOT / one.file).is_file() for one in found if one.check != "dependencies")


def test_the_bill_lists_all_that_is_installed(tmp_path: Path, project: Project) -> None:
    """Two packages, whatever way their names are written; the bill is a file that any reader knows."""
    there = environment(tmp_path / "env", {"Some_Package": "1.2", "other": "3.0+cpu"})
    bill = tmp_path / "new" / "sbom.json"
    done = project.scan("--only", "sbom", "--environment", str(there), "--sbom", str(bill))

    written = json.loads(bill.read_text())
    assert done.returncode == 0, done.stdout
    assert "2 packages of" in done.stdout
    assert written["bomFormat"] == "CycloneDX"
    assert {(one["name"], one["version"]) for one in written["components"]} == {
        ("Some_Package", "1.2"), ("other", "3.0+cpu"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("components", "told"),
    [
        (
            [{"name": "other", "version": "3.0"}],
            "sbom: some-package: missing 1.2 is installed and not in the bill",
        ),
        (
            [{"name": "other", "version": "3.0"}, {"name": "some.package", "version": "1.1"}],
            "sbom: some-package: version 1.2 is installed, the bill says 1.1",
        ),
    ],
)
def test_a_bill_that_leaves_something_out_fails(
    tmp_path: Path, project: Project, components: list[dict[str, str]], told: str
) -> None:
    """What the tool writes is compared with what lies on the disk."""
    there = environment(tmp_path / "env", {"some-package": "1.2", "other": "3.0"})
    (tmp_path / "said.json").write_text(json.dumps({"components": components}))
    tools = tool(tmp_path / "tools", "cyclonedx-py", f'cp {tmp_path}/said.json "${{@: -1}}"')
    done = project.scan(
        "--only",
        "sbom",
        "--environment",
        str(there),
        "--sbom",
        str(tmp_path / "b.json"),
        "--tools",
        str(tools),
    )

    assert done.returncode == 1
    assert told in done.stdout


INSTALLED = {"left": "1.0", "right": "2.0+cpu", "planted": "0.1"}


def test_three_answers_about_vulnerabilities(tmp_path: Path, project: Project) -> None:
    """Clean, vulnerable, not checked; a build for one kind of machine is asked about without its suffix."""
    there = environment(tmp_path / "env", INSTALLED)
    words = ("--only", "dependencies", "--environment", str(there), "--advisories")
    with advisories(CANARY) as address:
        clean = project.scan(*words, address)
    with advisories(CANARY | {("right", "2.0"): "PYSEC-2026-7"}) as address:
        vulnerable = project.scan(*words, address)
    with advisories({}) as address:
        ignorant, strict = project.scan(*words, address), project.scan(*words, address, "--strict")
    unreachable = project.scan(*words, address)
    with advisories(CANARY, status=500) as address:
        broken = project.scan(*words, address)

    assert (clean.returncode, last(clean)) == (
        0, "1 checks: 1 clean, 0 with something to mend, 0 not checked, or not wholly",
    )  # fmt: skip
    assert "2 of 2 packages" in clean.stdout
    assert vulnerable.returncode == 1
    assert "dependencies: right: PYSEC-2026-7 2.0 is vulnerable; no mended version yet" in vulnerable.stdout
    for done, told in (
        (ignorant, "does not know that django==2.0 is vulnerable: it is not believed"),
        (unreachable, "no answer (requests.exceptions.ConnectionError"),
        (broken, "no answer ("),
    ):
        assert done.returncode == 0
        assert told in done.stdout
        assert last(done) == "1 checks: 0 clean, 0 with something to mend, 1 not checked, or not wholly"
    assert strict.returncode == 1


def test_a_source_that_knows_only_some_is_not_clean(tmp_path: Path, project: Project) -> None:
    """Those that it cannot tell of are named; those that it can are judged."""
    said = {
        "dependencies": [
            {"name": "django", "version": "2.0", "vulns": [{"id": "X-1", "fix_versions": []}]},
            {"name": "left", "version": "1.0", "vulns": [{"id": "X-2", "fix_versions": ["1.1"]}]},
            {"name": "right", "skip_reason": "not found"},
        ]
    }
    (tmp_path / "said.json").write_text(json.dumps(said))
    there = environment(tmp_path / "env", INSTALLED)
    tools = tool(tmp_path / "tools", "pip-audit", f"cat {tmp_path}/said.json; exit 1")
    words = ("--only", "dependencies", "--environment", str(there), "--tools", str(tools))
    done = project.scan(*words)
    project.write(
        "ops/scan/accepted.toml",
        '[[accepted]]\ncheck="dependencies"\nrule="X-2"\nfile="left"\ncount=1\nreason="Not called here."\n',
    )
    accepted = project.scan(*words)

    assert done.returncode == 1
    assert "dependencies: left: X-2 1.0 is vulnerable; mended in 1.1" in done.stdout
    assert "dependencies: not checked: PyPI could not tell of right" in done.stdout
    assert "1 of 2 packages, PyPI" in done.stdout
    assert "1 with something to mend, 1 not checked" in last(done)
    assert accepted.returncode == 0
    assert "not checked" in last(accepted)


def test_what_is_not_there_is_not_clean(tmp_path: Path, project: Project) -> None:
    """No tool, no environment, no Dockerfile: each is named, none of them is a pass."""
    (tmp_path / "none").mkdir()
    words = ("--tools", str(tmp_path / "none"), "--environment", str(tmp_path / "none"))
    done, strict = project.scan(*words), project.scan(*words, "--strict")
    os.remove(project.root / "ops/docker/Dockerfile.app")
    bare = project.scan("--only", "dockerfiles")

    assert (done.returncode, strict.returncode) == (0, 1)
    assert "gitleaks is not installed; `make scan` installs it into .venv-scan" in done.stdout
    assert "holds no package; make it first: make setup" in done.stdout
    assert last(done) == "6 checks: 0 clean, 0 with something to mend, 6 not checked, or not wholly"
    assert "dockerfiles: not checked: no Dockerfile here" in bare.stdout


def test_a_tool_that_fails_is_not_clean(tmp_path: Path, project: Project) -> None:
    """Its last word is handed on."""
    tools = tool(tmp_path / "tools", "shellcheck", "echo 'bad option' >&2; exit 3")
    done = project.scan("--only", "shell", "--tools", str(tools))

    assert "shell: not checked: shellcheck ended with 3: bad option" in done.stdout


def test_secrets_are_not_clean_when_nothing_was_read(tmp_path: Path, project: Project) -> None:
    """The tool's own count of bytes is what is believed."""
    tools = tool(tmp_path / "tools", "gitleaks", "echo 'scanned ~0 bytes (0) in 1ms' >&2; echo '[]'")
    done = project.scan("--only", "secrets", "--tools", str(tools))

    assert "secrets: not checked: gitleaks read nothing" in done.stdout


def test_the_table_says_what_was_found() -> None:
    """Drawn by hand."""
    outcomes = [
        Outcome("sbom", "2 packages"),
        Outcome("code", "9 modules", (Finding("B1", "a.py", 1, "x"), Finding("B2", "a.py", 2, "y"))),
        Outcome("dependencies", "", unchecked="no answer"),
    ]

    assert table(outcomes).splitlines() == [
        "check         result       looked at",
        "sbom          clean        2 packages",
        "code          2 to mend    9 modules",
        "dependencies  not checked  nothing",
        "3 checks: 1 clean, 1 with something to mend, 1 not checked, or not wholly",
    ]


def test_the_files_of_a_project_are_those_that_git_would_keep(tmp_path: Path) -> None:
    """'/x/' at the root only, 'x/' folders anywhere, '*.x' anywhere; no links, no environment, no .git."""
    project = Project(tmp_path)
    project.write(".gitignore", "/var/\ncache/\n*.log\n.env\n")
    for name in ("a.py", "deep/var/kept", "deep/cache/x", "var/x", "x.log", "deep/.env", "cache", ".git/x"):
        project.write(name, "x")
    project.write("env/pyvenv.cfg", "")
    (tmp_path / "link").symlink_to("a.py")

    assert [path.as_posix() for path in project_files(tmp_path)] == [
        ".gitignore",
        "a.py",
        "cache",
        "deep/var/kept",
    ]


def test_the_tools_have_exact_versions() -> None:
    """A scanner that changes by itself is a scanner that nobody has looked at."""
    lines = (ROOT / "ops/scan/requirements.txt").read_text().splitlines()
    named = [line for line in lines if not line.startswith("#")]

    assert len(named) >= 6
    assert all(line.count("==") == 1 for line in named)
