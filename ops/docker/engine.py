"""Find what runs containers here: docker or podman, whichever answers.

Knows no image. An engine is asked by its command line, whose words both share.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENGINES = ("docker", "podman")
CONTAINERS_CONF = Path(__file__).with_name("containers.conf")
ANSWERS_SECONDS = 120
"""An engine that takes longer to say what it is does not answer; podman's first call makes its storage."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One that answers."""

    name: str
    """docker or podman."""
    program: str
    """Its path."""
    variables: Mapping[str, str]
    """Environment of its calls."""

    def run(
        self, *words: str, check: bool = True, seconds: float = 600
    ) -> "subprocess.CompletedProcess[str]":
        """Call it, and give what it said.

        Args:
            words: The command.
            check: Refuse an exit code other than 0.
            seconds: Longest wait.

        Raises:
            SystemExit: it failed; ends with what it said last.
        """
        done = subprocess.run(  # noqa: S603
            [self.program, *words],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if check and done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-2_000:]
            raise SystemExit(f"{self.name} {' '.join(words[:2])} ended with {done.returncode}: {said}")
        return done

    def show(self, words: Sequence[str]) -> None:
        """Call it, and let it say what it does as it does it.

        Raises:
            SystemExit: it failed.
        """
        done = subprocess.run(  # noqa: S603
            [self.program, *words], env=self.variables, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"{self.name} {words[0]} ended with {done.returncode}: see above")

    def has(self, image: str) -> bool:
        """Say whether an image is here."""
        return self.run("image", "inspect", image, check=False).returncode == 0


def find_engine(variables: Mapping[str, str], engines: Sequence[str] = ENGINES) -> Engine | None:
    """Give the first engine that answers; None: there is none.

    Args:
        variables: The environment.
        engines: Names, best first.
    """
    for name in engines:
        program = shutil.which(name, path=variables.get("PATH"))
        if program is None:
            continue
        engine = Engine(name, program, _for(name, variables))
        if _answers(engine):
            return engine
    return None


def _for(name: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Give podman, as root and with runc, settings that hold within a container too."""
    ours = dict(variables)
    has_runc = shutil.which("runc", path=variables.get("PATH")) is not None
    if name == "podman" and has_runc and os.geteuid() == 0:
        ours.setdefault("CONTAINERS_CONF", str(CONTAINERS_CONF))
    if name == "docker":
        # Older ones build with secrets only when asked.
        ours.setdefault("DOCKER_BUILDKIT", "1")
    return ours


def _answers(engine: Engine) -> bool:
    try:
        return engine.run("info", check=False, seconds=ANSWERS_SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
