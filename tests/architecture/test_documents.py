"""Documents that say what the code does are held to it."""

import re
from pathlib import Path

import yaml

from churn_saver.config import (
    DataSettings,
    Environment,
    EnvSettings,
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
KINDS: dict[str, type[Settings]] = {
    "data.yaml": DataSettings,
    "env.yaml": EnvSettings,
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
    """.env.example and `Environment` name the same variables."""
    documented = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(documented) == sorted(Environment.model_fields)


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
