"""A conversation as one text, the same for every source, so that a prompt is a plain string.

The first turn is the user's and stands bare; every later turn follows a blank line and its speaker:

    What is a kestrel?⏎⏎Assistant: A small falcon.⏎⏎Human: Where does it live?

A prompt of one turn is therefore just its text, and a longer one reads as in HH-RLHF. Turns alternate.
A text with a speaker mark at the start of one of its own lines could be read in two ways, so it has
no place in a transcript: `has_mark` tells, `extended` refuses, and readers leave it out and count it.
Thus `parsed(rendered(turns)) == turns`. Whether texts are tidy is for `hygiene` to say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from churn_saver.errors import InputError

Role = Literal["user", "assistant"]
SPEAKERS: dict[Role, str] = {"user": "Human", "assistant": "Assistant"}
_MARK = re.compile(r"^(?:Human|Assistant):", re.MULTILINE)
_NEXT_TURN = re.compile(r"\n\n(?:Human|Assistant): ")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says at a time."""

    role: Role
    text: str


def has_mark(text: str) -> bool:
    """Say whether a line of the text starts like a turn of somebody."""
    # The plain search is many times faster, and nearly always the answer.
    return ("Human:" in text or "Assistant:" in text) and _MARK.search(text) is not None


def role_at(place: int) -> Role:
    """Give who speaks in the turn at a place; the user opens at 0."""
    return "assistant" if place % 2 else "user"


def extended(transcript: str, role: Role, text: str) -> str:
    """Add a turn to a transcript; the empty transcript takes the user's first turn.

    Raises:
        InputError: the text is blank, has a speaker mark, or the empty transcript gets no user.
    """
    if not text.strip() or has_mark(text):
        raise InputError(
            f"a turn is {text[:40]!r}, wanted a text that is not blank and has no line starting with "
            "'Human:' or 'Assistant:': leave the conversation out"
        )
    if transcript:
        return f"{transcript}\n\n{SPEAKERS[role]}: {text}"
    if role != "user":
        raise InputError(f"the first turn is the {role}'s, wanted the user's: leave the conversation out")
    return text


def rendered(turns: Sequence[Turn]) -> str:
    """Write turns as one text.

    Raises:
        InputError: there is no turn, the user does not open, turns do not alternate, or `extended` refuses.
    """
    if not turns or [turn.role for turn in turns] != [role_at(place) for place in range(len(turns))]:
        roles = ", ".join(turn.role for turn in turns) or "none"
        raise InputError(f"the turns are {roles}, wanted user, assistant, user, ... in turn")
    written = ""
    for turn in turns:
        written = extended(written, turn.role, turn.text)
    return written


def parsed(transcript: str) -> list[Turn]:
    """Read what `rendered` wrote.

    Raises:
        InputError: `rendered` could not have written it.
    """
    turns = [Turn(role_at(place), text) for place, text in enumerate(_NEXT_TURN.split(transcript))]
    if rendered(turns) != transcript:
        raise InputError(
            f"{transcript[:40]!r}... has speakers out of turn, wanted user and assistant in turn"
        )
    return turns
