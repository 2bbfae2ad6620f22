"""A draw that belongs to a text: the same text and key always give the same number, in any process."""

import hashlib


def chance(text: str, key: bytes) -> float:
    """Give a number from 0 up to 1, as if drawn uniformly, by BLAKE2b.

    Args:
        text: What the draw belongs to, such as an id.
        key: Another key, another draw.
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7, key=key).digest(), "big") / 2**56
