"""What every table of frames must keep to, for the tests of the tables."""

import re
from collections.abc import Sequence

from churn_saver.data.retention.phrases import Frame
from churn_saver.domain.slots import NAME, SLOTS

MONEY = re.compile(r"\b(?:offer|off|discount|bill|save|cheap|price|cost|pay|free|deal|money)", re.IGNORECASE)
"""Words of a discount."""


def faults(frames: Sequence[Frame]) -> list[str]:
    """Give the patterns that break a rule of all tables.

    Brackets pair off, only slots have braces, none speaks of the name (greetings do), none opens with a
    slot whose words are small, and none has the banned capitals or two exclamation marks.
    """
    return [frame.pattern for frame in frames if _is_faulty(frame.pattern)]


def _is_faulty(pattern: str) -> bool:
    named = re.findall(r"\{(\w*)\}", pattern)
    return (
        pattern.count("[") != pattern.count("]")
        or pattern.count("{") != len(named)
        or not set(named) <= set(SLOTS) - {NAME}
        or pattern.startswith(("{plan}", "{duration}", "{valid_until}"))
        or re.search(r"[A-Z]{2}|!!|  ", pattern) is not None
        or pattern[0].isupper()
        or pattern.endswith(".")
    )
