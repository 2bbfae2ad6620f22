"""What every source of preferences has in common: the rules a pair must pass, and each pair once.

The same two texts in both orders teach nothing: both are left out. How many are left out, and under
which reason, does not depend on the order of the rows.
"""

from hashlib import blake2b

import polars as pl

from churn_saver.data.texts.gathering import BLANK, DUPLICATE, MARK, PREFERENCE_COLUMNS, Gathering, Texts
from churn_saver.data.texts.transcript import has_mark

EQUAL = "chosen equals rejected"
CONTRADICTORY = "contradictory pair"


def pair_key(prompt: str, chosen: str, rejected: str, key: bytes = b"") -> bytes:
    """Give 16 bytes that no other pair has; whole texts would fill the memory a second time.

    Args:
        prompt: As in the frame.
        chosen: The better text.
        rejected: The worse one.
        key: Another key, another order of the results.
    """
    # No text holds NUL, so it parts them without doubt.
    return blake2b("\0".join((prompt, chosen, rejected)).encode(), digest_size=16, key=key).digest()


class PreferencePairs:
    """Pairs of one source while it is read."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.gathering = Gathering(PREFERENCE_COLUMNS)
        """Takes rejects, and what the source itself leaves out."""
        self._row: dict[bytes, int] = {}
        self._contradicted: set[int] = set()
        self._ids: list[str] = []

    def take(self, conversation_id: str, root: str, prompt: str, chosen: str, rejected: str) -> None:
        """Keep a pair of tidied texts, or count why not; of equal pairs the least conversation_id holds."""
        if chosen == rejected:
            self.gathering.leave_out(EQUAL)
        elif not (prompt and chosen and rejected):
            self.gathering.leave_out(BLANK)
        elif has_mark(root) or has_mark(chosen) or has_mark(rejected):
            self.gathering.leave_out(MARK)
        else:
            self._take_once((conversation_id, root, prompt, chosen, rejected))

    def texts(self) -> Texts:
        """Close, without the pairs that a later one contradicts."""
        frame = self.gathering.frame().with_columns(pl.Series("conversation_id", self._ids, pl.String))
        if self._contradicted:
            stays = ~pl.int_range(frame.height, eager=True).is_in(sorted(self._contradicted))
            frame = frame.filter(stays)
            self.gathering.leave_out(CONTRADICTORY, len(self._contradicted))
        return self.gathering.texts(frame)

    def _take_once(self, row: tuple[str, str, str, str, str]) -> None:
        conversation_id, _, prompt, chosen, rejected = row
        key = pair_key(prompt, chosen, rejected)
        there = self._row.get(key)
        if there is not None:
            self._ids[there] = min(self._ids[there], conversation_id)
            self.gathering.leave_out(DUPLICATE)
            return
        opposite = self._row.get(pair_key(prompt, rejected, chosen))
        if opposite is not None:
            # Remembered under the same row, so that one more of either order is a duplicate.
            self._row[key] = opposite
            self._contradicted.add(opposite)
            self.gathering.leave_out(CONTRADICTORY)
            return
        self._row[key] = len(self._ids)
        self._ids.append(conversation_id)
        self.gathering.keep(*row)
