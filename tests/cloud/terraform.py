"""Terraform run for real, on a copy of our module, with a stand-in for Google's provider.

The stand-in serves the schema of the real provider over Terraform's own protocol: what is misspelt, missing,
of the wrong type or a wrong word is refused. It does not know what Google would refuse, and makes values up.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "ops" / "terraform"
STUB = "CHURN_SAVER_TERRAFORM_STUB"
"""Names the folder of the stand-in, which has a setup.sh."""
_KEPT_OUT = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars", "*.tfplan")


@dataclass(frozen=True, slots=True)
class Module:
    """A copy of our module, made ready."""

    folder: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Terraform in it, with none of this machine's settings."""
        return subprocess.run(
            ["terraform", f"-chdir={self.folder}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
        )

    def ran(self, *arguments: str) -> str:
        """Run Terraform in it, and give what it prints; a failure of it is one of the test."""
        done = self.run(*arguments)

        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def copied(self, folder: Path) -> "Module":
        """Copy it, ready as it is."""
        return Module(Path(shutil.copytree(self.folder, folder, symlinks=True)))

    def planted(self, name: str, right: str, wrong: str) -> None:
        """Write a fault into one of its files."""
        path = self.folder / name
        text = path.read_text()

        assert text.count(right) == 1, f"{name} has {right!r} {text.count(right)} times, wanted once"
        path.write_text(text.replace(right, wrong))

    def faults(self) -> list[tuple[str, str]]:
        """Validate it, and give what is wrong and in which file."""
        found = json.loads(self.run("validate", "-json").stdout)["diagnostics"]
        return [
            (f"{fault['summary']}: {fault['detail']}", fault.get("range", {}).get("filename", ""))
            for fault in found
        ]

    def planned(self, **variables: str) -> dict[str, Any]:
        """Plan, and give the plan as Terraform writes it for machines."""
        self.ran("plan", "-input=false", "-out=made.tfplan", *flags(**variables))
        plan: dict[str, Any] = json.loads(self.ran("show", "-json", "made.tfplan"))
        return plan

    def applied(self, **variables: str) -> dict[str, Any]:
        """Apply, and give the state that came of it."""
        self.ran("apply", "-input=false", "-auto-approve", *flags(**variables))
        state: dict[str, Any] = json.loads(self.ran("show", "-json"))
        return state


def flags(**variables: str) -> list[str]:
    """Write variables as they stand on a command line."""
    return [f"-var={name}={value}" for name, value in variables.items()]


def resources(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the values of each resource of a state or plan, by its address."""
    found = state.get("planned_values") or state["values"]
    return {each["address"]: each["values"] for each in found["root_module"]["resources"]}


def require_terraform() -> None:
    """Skip the test where there is no Terraform."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")


def made_ready(folder: Path) -> Module:
    """Copy our module and give it the stand-in, or skip the test and say what is absent."""
    require_terraform()
    stub = os.environ.get(STUB)
    if not stub:
        pytest.skip(f"{STUB} names no stand-in for Google's provider")
    setup = subprocess.run(
        ["bash", str(Path(stub) / "setup.sh"), str(folder / "stub"), str(MODULE)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert setup.returncode == 0, setup.stdout + setup.stderr
    module = Module(Path(shutil.copytree(MODULE, folder / "module", ignore=_KEPT_OUT)))
    module.ran("init", "-input=false", f"-plugin-dir={(folder / 'stub' / 'mirror').resolve()}")
    return module


def _environment() -> dict[str, str]:
    mine = {
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "NO_COLOR": "1",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("TF_")} | mine
