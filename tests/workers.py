"""The service as it is deployed: processes of its own, reached over a socket."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = (sys.executable, "-c", "from churn_saver.cli import main; main()", "serve")

SETTINGS = Path(__file__).parents[1] / "ops" / "configs"


def patient_settings(folder: Path) -> Path:
    """Copy the settings, with a deadline that no busy machine misses, and give their folder."""
    copied = folder / "patient"
    if not copied.exists():
        shutil.copytree(SETTINGS, copied)
        path = copied / "serve.yaml"
        path.write_text(re.sub(r"^deadline_ms: \d+", "deadline_ms: 60000", path.read_text(), flags=re.M))
    return copied


@contextmanager
def two_workers(
    folder: Path, variables: Mapping[str, str], stderr: int = subprocess.DEVNULL
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serve with two workers and no models; gives address and process, which is stopped if it still runs."""
    wanted = os.environ | {"PORT": "0", "WORKERS": "2", "FORCE_BASELINE": "true"}
    wanted |= {"CONFIG_DIR": str(patient_settings(folder))} | dict(variables)
    with subprocess.Popen(
        COMMAND, env=wanted, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=folder
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            yield found[0], process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)
