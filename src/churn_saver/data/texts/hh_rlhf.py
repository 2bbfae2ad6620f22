"""Anthropic's HH-RLHF: two transcripts that are the same up to their last answer → prompt, chosen, rejected.

Where the two part earlier, they answer different prompts and are left out rather than cut: what
follows the parting is a dialogue, not an answer, and it is rare (14 of 4,666 pairs in the two test
splits at hand). A conversation has no id, so it is named by a hash of its opening text.
Source: Bai et al. (2022), arXiv:2204.05862, MIT; form of the files:
github.com/anthropics/hh-rlhf, README.md at commit 354e5c3cb8960630860dd5774a6ac2a58313bf4d.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from churn_saver.data.texts.gathering import ALTERNATE, BLANK, MARK, Texts
from churn_saver.data.texts.hygiene import tidy
from churn_saver.data.texts.json_lines import Json, Unusable, name, read_each
from churn_saver.data.texts.preference_pairs import EQUAL, PreferencePairs
from churn_saver.data.texts.transcript import SPEAKERS, Turn, has_mark, rendered, role_at

PART_EARLIER = "the two part before their last answer"
NO_ANSWER = "the last turn is not the assistant's"
_TURN = re.compile(r"\n\n(Human|Assistant):")
_ROLES = {speaker: role for role, speaker in SPEAKERS.items()}


def hh_pairs(files: Mapping[str, Iterable[bytes]]) -> Texts:
    """Read pairs of preferences.

    Args:
        files: Name → lines, each with `chosen` and `rejected`.

    Returns:
        `PREFERENCE_COLUMNS`, in the order of the files; lines = pairs + left out + rejects.
    """
    pairs = PreferencePairs()
    for chosen, rejected in read_each(files, _both, pairs.gathering):
        reason = _reason(chosen, rejected)
        if reason is not None:
            pairs.gathering.leave_out(reason)
            continue
        root = chosen[0].text
        pairs.take(_named(root), root, rendered(chosen[:-1]), chosen[-1].text, rejected[-1].text)
    return pairs.texts()


def _both(line: Json) -> tuple[list[Turn], list[Turn]]:
    return _turns(line, "chosen"), _turns(line, "rejected")


def _turns(line: Json, key: str) -> list[Turn]:
    transcript = name(line, key)
    # Tidied whole, it has lost the blank line before its first speaker.
    opening, *rest = _TURN.split(f"\n\n{transcript}")
    if opening or not rest or rest[0] != SPEAKERS["user"]:
        raise Unusable(key, transcript, "a conversation that opens with 'Human:'")
    return [Turn(_ROLES[speaker], tidy(said)) for speaker, said in zip(rest[::2], rest[1::2], strict=True)]


def _reason(chosen: list[Turn], rejected: list[Turn]) -> str | None:
    """Say why the two make no pair, or None."""
    if chosen == rejected:
        return EQUAL
    for turns in (chosen, rejected):
        if turns[-1].role != "assistant":
            return NO_ANSWER
    if chosen[:-1] != rejected[:-1]:
        return PART_EARLIER
    shared = chosen[:-1]
    if [turn.role for turn in chosen] != [role_at(place) for place in range(len(chosen))]:
        return ALTERNATE
    if not all(turn.text for turn in shared):
        return BLANK
    return MARK if any(has_mark(turn.text) for turn in shared) else None


def _named(opening: str) -> str:
    return "hh-" + blake2b(opening.encode(), digest_size=12).hexdigest()
