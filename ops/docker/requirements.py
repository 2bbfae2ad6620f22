"""Print what a set of extras needs, one requirement a line, from pyproject.toml.

    python ops/docker/requirements.py pyproject.toml postgres gcp

An image installs these before the code comes in, so that a change of code does not install them anew.
An extra may name others of the same package. Needs nothing but Python, since nothing else is there yet.
"""

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_OWN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\[(?P<extras>[^\]]+)\]$")


def requirements(project: Mapping[str, object], extras: Sequence[str]) -> list[str]:
    """List the requirements of the package and of its extras, each once.

    Args:
        project: The table [project].
        extras: Names of extras.

    Raises:
        SystemExit: an extra is not there.
    """
    found = dict.fromkeys(_texts(project["dependencies"]))
    known = project["optional-dependencies"]
    waiting = list(extras)
    while waiting:
        extra = waiting.pop(0)
        if not isinstance(known, dict) or extra not in known:
            raise SystemExit(f"extra {extra!r} is not in pyproject.toml; wanted one of its extras")
        for line in _texts(known[extra]):
            own = _OWN.match(line)
            if own is None or own["name"] != project["name"]:
                found[line] = None
            else:
                waiting += own["extras"].split(",")
    return sorted(found)


def _texts(lines: object) -> list[str]:
    return [str(line) for line in lines] if isinstance(lines, list) else []


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    print("\n".join(requirements(tomllib.loads(text)["project"], sys.argv[2:])))
