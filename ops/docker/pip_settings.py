"""What pip is told on this machine, as an image's build can use it: settings, certificates, folders.

Behind a mirror pip has an index, certificates or folders of wheels of its own. A build has none of these, so
they are handed over for as long as it runs, and no layer keeps them. Names no index and no folder itself.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

CA_IN_BUILD = "/etc/ssl/build-ca.pem"
"""Where the Dockerfiles put the secret `ca`."""


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What a build is handed."""

    config: str
    """Text of a pip.conf; empty: pip does as it does everywhere."""
    ca: Path | None
    """Certificates that pip is to trust; None: its own."""
    folders: tuple[Path, ...]
    """What the configuration names on this machine's disk."""


def pip_settings(variables: Mapping[str, str]) -> PipSettings:
    """Ask pip what it is told here.

    Args:
        variables: The environment.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        env=dict(variables),
        capture_output=True,
        text=True,
        check=True,
    )
    return settings_of(done.stdout.splitlines(), variables.get("SSL_CERT_FILE"))


def settings_of(lines: Iterable[str], trusted: str | None) -> PipSettings:
    """Read the lines of `pip config list`; what the environment says goes before what a file says.

    Args:
        lines: Each section.name='value'.
        trusted: The certificates of everything else here; None: not said.
    """
    told: dict[str, str] = {}
    for line in sorted(lines, key=lambda line: line.startswith(":env:")):
        name, mark, value = line.partition("=")
        if mark:
            told[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    ca = _file(told.pop("cert", trusted))
    folders = dict.fromkeys(folder for value in told.values() for folder in _folders(value))
    if ca is not None:
        told["cert"] = CA_IN_BUILD
    # A value of several lines or words is several values; pip wants those indented, or on one line.
    body = "".join(f"{name} = {' '.join(value.split())}\n" for name, value in told.items())
    return PipSettings(f"[global]\n{body}" if told else "", ca, tuple(folders))


def _file(name: str | None) -> Path | None:
    return Path(name) if name and Path(name).is_file() else None


def _folders(value: str) -> list[Path]:
    found = []
    for word in value.split():
        parts = urlsplit(word)
        path = Path(unquote(parts.path))
        if parts.scheme not in ("", "file") or not path.is_absolute() or not path.exists():
            continue
        # An index names its files from where it lies, and they often lie beside it.
        is_index = parts.scheme == "file" and path.is_dir() and len(path.parts) > 2
        found.append(path.parent if is_index else path)
    return found
