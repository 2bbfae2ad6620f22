"""Our scripts, run with a stand-in for gcloud and docker on PATH."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud.gcloud_stand_in import revision

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).with_name("gcloud_stand_in.py")
SERVICE = "churn-retain-api"


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with the stand-in's programs, its state, and what it was told."""

    folder: Path

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in the project's folder; of this machine's variables it sees PATH only."""
        found = {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"} | variables
        return subprocess.run(command, capture_output=True, text=True, check=False, env=found, cwd=ROOT)

    def rollout(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the rollout as a build does."""
        command = (sys.executable, "-m", "ops.scripts.rollout", *words)
        return self.run(*command, GCP_PROJECT_ID="a-project")

    @property
    def calls(self) -> list[list[str]]:
        """Every command so far, as lists of words."""
        found: list[list[str]] = json.loads((self.folder / "calls.json").read_text())
        return found

    def told(self, *beginning: str) -> list[list[str]]:
        """The commands that begin with these words."""
        return [call for call in self.calls if call[: len(beginning)] == list(beginning)]

    @property
    def state(self) -> dict[str, Any]:
        """The service as it is now."""
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return found

    def change(self, **parts: object) -> None:
        """Change the state."""
        (self.folder / "state.json").write_text(json.dumps(self.state | parts))

    @property
    def traffic(self) -> dict[str, int]:
        """Percent by revision, of those that have any."""
        return {one["revisionName"]: one["percent"] for one in self.state["traffic"] if "percent" in one}

    @property
    def tags(self) -> dict[str, str]:
        """Revision by tag."""
        return {one["tag"]: one["revisionName"] for one in self.state["traffic"] if "tag" in one}


def desk(
    folder: Path,
    serving: str = f"{SERVICE}-b2",
    revisions: Mapping[str, bool] | Sequence[str] = (f"{SERVICE}-b1", f"{SERVICE}-b2"),
    tags: Mapping[str, str] | None = None,
    **parts: object,
) -> Desk:
    """Set one up.

    Args:
        folder: Where.
        serving: The revision with all traffic.
        revisions: From the oldest; a mapping says which are ready.
        tags: Revision by tag.
        parts: Other parts of the state: tagged_url, token, refuses.
    """
    readiness = revisions if isinstance(revisions, Mapping) else dict.fromkeys(revisions, True)
    state = {
        "url": "https://service.test",
        "tagged_url": "https://tagged.test",
        "token": "a-token",
        "refuses": {},
        "revisions": [revision(name, n, readiness[name]) for n, name in enumerate(readiness)],
        "traffic": [
            {"revisionName": serving, "percent": 100},
            *(
                {"revisionName": name, "tag": tag, "url": "https://t.test"}
                for tag, name in (tags or {}).items()
            ),
        ],
    } | parts
    (folder / "bin").mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "calls.json").write_text("[]")
    for name in ("gcloud", "docker"):
        program = folder / "bin" / name
        words = shlex.join([sys.executable, str(STAND_IN), str(folder), name])
        program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        program.chmod(0o755)
    return Desk(folder)
