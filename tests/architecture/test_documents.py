"""Documents that say what the code does are held to it."""

import re
from pathlib import Path

import pytest
import yaml

from churn_saver.config import (
    DataSettings,
    Environment,
    EnvSettings,
    JobsSettings,
    PpoSettings,
    PpoTextSettings,
    ProtocolSettings,
    RmSettings,
    ServeSettings,
    Settings,
    SftSettings,
    SourcesSettings,
    TabularSettings,
    WatchSettings,
    parse,
)

ROOT = Path(__file__).parents[2]
BUILDS = (
    ROOT / "Makefile",
    *sorted((ROOT / "ops").glob("cloudbuild*.yaml")),
    *sorted(path for path in (ROOT / "ops" / "scripts").iterdir() if path.is_file()),
)
"""What takes variables from outside beside the package."""
BUILT_IN = {"IFS", "MAKEFILE_LIST", "PROJECT_ID", "BUILD_ID", "COMMIT_SHA", "SHORT_SHA"}
"""Given by the shell to every script, by make to every Makefile, by Cloud Build to every build."""
KINDS: dict[str, type[Settings]] = {
    "data.yaml": DataSettings,
    "env.yaml": EnvSettings,
    "jobs.yaml": JobsSettings,
    "ppo.yaml": PpoSettings,
    "ppo_text.yaml": PpoTextSettings,
    "protocol.yaml": ProtocolSettings,
    "rm.yaml": RmSettings,
    "sft.yaml": SftSettings,
    "sources.yaml": SourcesSettings,
    "serve.yaml": ServeSettings,
    "tabular.yaml": TabularSettings,
    "watch.yaml": WatchSettings,
}


def test_every_configuration_file_loads() -> None:
    """Found by walking the tree; a file nobody has a class for fails."""
    found = sorted((ROOT / "ops" / "configs").rglob("*.yaml"))

    assert {path.name for path in found} == set(KINDS)
    for path in found:
        assert parse(KINDS[path.name], path.read_text(), path.name)


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    """By `Environment`, an option of the command line, the Makefile, a script or a build; each one once."""
    lines = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    documented = set(lines)
    read = set(Environment.model_fields)
    for path in (ROOT / "src").rglob("*.py"):
        read |= set(re.findall(r'envvar="(\w+)"', path.read_text()))
    for path in BUILDS:
        text = path.read_text()
        taken = _taken(path.suffix, text)
        # One script's own business is told in its first lines.
        head = re.match(r"(?:#.*\n)*", text)
        explained = set(re.findall(r"[A-Z][A-Z0-9_]+", head[0] if head else ""))
        assert taken - documented <= explained, path
        read |= taken & documented

    assert len(lines) == len(documented)
    assert documented == read


@pytest.mark.parametrize(
    ("suffix", "text", "taken"),
    [
        ("", "OUT ?=\nRUN := x\na: ## to $OUT\n\t$(RUN) $$OUT $(HOST) $$SENDER\n", {"HOST", "SENDER"}),
        (".sh", 'cd "$HOST"\nA=1\nexport T="${PORT#x}"\necho $A $# ${a:-$B_1}\n', {"HOST", "PORT", "B_1"}),
        (".yaml", "  - --tag=${_REGION}/$PROJECT_ID/$BUILD_ID\n  - A=$AR_REPO\n", {"AR_REPO"}),
        (".py", 'variables.get("HOST")\nos.environ["PORT"]\n"GCP_REGION"\n', {"HOST", "PORT"}),
    ],
)  # fmt: skip
def test_what_a_file_takes_from_outside_is_found(suffix: str, text: str, taken: set[str]) -> None:
    """What it assigns itself, and what Cloud Build gives to every build, is not from outside."""
    assert _taken(suffix, text) == taken


def _taken(suffix: str, text: str) -> set[str]:
    """Name the variables that a file takes from the environment."""
    if suffix == ".py":
        return set(re.findall(r'(?:environ|variables)(?:\.get\(|\[)"([A-Z][A-Z0-9_]+)"', text))
    assigned = set(re.findall(r"^\s*([A-Z][A-Z0-9_]+) *[?:]?=", text, re.MULTILINE))
    found = set(re.findall(r"\$\$?[{(]?([A-Z][A-Z0-9_]+)\b", text))
    return found - assigned - BUILT_IN


def test_every_make_target_is_one_that_help_lists() -> None:
    """A target without its line of help is a target nobody finds."""
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z0-9._-]*):", text, re.MULTILINE))

    assert targets == set(re.findall(r"^([a-z][a-z0-9._-]*):.*## ", text, re.MULTILINE))
    assert {"help", "setup", "demo", "decide", "train-risk", "serve", "lint", "test", "test-unit"} <= targets


def test_pre_commit_runs_what_lint_runs() -> None:
    """A commit that passes its hooks passes `make lint`."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = (ROOT / "Makefile").read_text().split("\nlint:")[1].split("\n\n")[0]

    for tool in ("ruff format", "ruff check", "mypy", "lint-imports", "interrogate"):
        assert any(tool in hook["entry"] for hook in hooks), tool
        assert tool in lint, tool


def test_one_file_says_what_belongs_to_no_build() -> None:
    """The root's .gitignore: the upload of a build follows it and no other, and state may hold a secret."""
    lines = set((ROOT / ".gitignore").read_text().splitlines())
    others = [
        found for part in ("docs", "ops", "src", "tests") for found in (ROOT / part).rglob(".gitignore")
    ]

    assert {".terraform/", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfplan", "/keys.txt", ".env"} <= lines
    assert others == []
