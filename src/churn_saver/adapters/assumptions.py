"""Read the assumptions out of env.yaml with what the file says about each.

The comment beside a line is its unit and source, so a report can show both without a second copy
that would go stale. Knows nothing of what the settings mean; `config` checks them.
"""

import re
from dataclasses import dataclass

from churn_saver.config import yaml_mapping

_LINE = re.compile(r"^(?P<indent> *)(?P<name>[A-Za-z_][\w-]*):(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One setting that a result rests on."""

    name: str
    """As in the file, sections joined by a dot."""
    value: str
    comment: str
    """Unit and source as the file gives them; empty where it says nothing."""

    @property
    def is_assumed(self) -> bool:
        """Say whether the file itself calls the value assumed."""
        return "assumed" in self.comment


def assumptions(text: str, origin: str) -> tuple[Assumption, ...]:
    """List every setting of a file in its order.

    Args:
        text: YAML.
        origin: Name of the file, for error messages.

    Raises:
        ConfigError: the text is no YAML mapping.
    """
    raw = yaml_mapping(text, origin)
    lines, listed = _lines(text), []
    for name, value in raw.items():
        written, comment = lines.get(str(name), ("", ""))
        if isinstance(value, dict):
            for inner, inner_value in value.items():
                inner_written, own = lines.get(f"{name}.{inner}", ("", ""))
                shown = _shown(inner_value, inner_written)
                listed.append(Assumption(f"{name}.{inner}", shown, own or comment))
        else:
            listed.append(Assumption(str(name), _shown(value, written), comment))
    return tuple(listed)


def _lines(text: str) -> dict[str, tuple[str, str]]:
    """Give each setting's value as written and its comment; the name of an inner one has a dot."""
    found, section = {}, ""
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        if not match["indent"]:
            section = match["name"]
        value, _, comment = match["rest"].partition(" #")
        key = f"{section}.{match['name']}" if match["indent"] else section
        found[key] = (value.strip(), comment.strip(" #"))
    return found


def _shown(value: object, written: str) -> str:
    """Write a value for a person: a number as the file writes it, a table row by row."""
    if not isinstance(value, list):
        return written or str(value)
    rows = [", ".join(map(str, entry)) if isinstance(entry, list) else str(entry) for entry in value]
    return ("; " if any(isinstance(entry, list) for entry in value) else ", ").join(rows)
