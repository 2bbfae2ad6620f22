"""Draws that belong to a text."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.draws import chance


def test_a_draw_is_the_first_seven_bytes_of_the_keyed_hash() -> None:
    """Worked with the standard library's digest in hexadecimal: its number over 16 to the 14."""
    digest = hashlib.blake2b(b"C00001", digest_size=7, key=b"42").hexdigest()

    assert chance("C00001", b"42") == int(digest, 16) / 16**14


@given(st.text(), st.binary(max_size=64))
def test_a_draw_lies_from_0_up_to_1(text: str, key: bytes) -> None:
    """Never 1 itself, so that a share of 1 takes everybody."""
    assert 0 <= chance(text, key) < 1


def test_draws_of_many_texts_are_spread_evenly() -> None:
    """Of 20,000 draws each tenth holds 2,000, give or take five standard deviations (42 each)."""
    counts, _ = np.histogram([chance(str(i), b"key") for i in range(20_000)], bins=10, range=(0, 1))

    assert abs(counts - 2_000).max() < 5 * 42.5
