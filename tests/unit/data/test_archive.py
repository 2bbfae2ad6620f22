"""One member out of a zip file."""

import io
import zipfile

import pytest

from churn_saver.data.archive import MAX_UNPACKED_BYTES, unpacked
from churn_saver.errors import InputError


def zipped(**members: bytes) -> bytes:
    """Make a zip file; `__` in a name stands for a slash, `_dot_` for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def test_member_is_found() -> None:
    """Others beside it do not matter."""
    assert unpacked(zipped(a__b_dot_csv=b"1", c=b"2"), "z.zip", "a/b.csv") == b"1"


def test_zip_within_the_zip_is_opened_once() -> None:
    """The way UCI packs it today; a zip within that one is not followed."""
    inner = zipped(a=b"1")

    assert unpacked(zipped(x_dot_zip=inner), "z.zip", "a", "x.zip") == b"1"
    with pytest.raises(InputError, match=r"z.zip/x.zip holds x.zip, wanted a"):
        unpacked(zipped(x_dot_zip=zipped(x_dot_zip=inner)), "z.zip", "a", "x.zip")


def test_absent_member_lists_what_is_there() -> None:
    """Another data set's zip is told at once."""
    with pytest.raises(InputError, match=r"z.zip holds b, c, wanted a: download it again"):
        unpacked(zipped(b=b"", c=b""), "z.zip", "a")


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "b/../../a", "..\\a", "C:\\a", "C:a"])
def test_path_that_points_outside_is_refused(name: str) -> None:
    """Even though nothing is ever written to it."""
    with pytest.raises(InputError, match="points outside: do not use it"):
        unpacked(zipped(a=b"1", **{name: b"2"}), "z.zip", "a")


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    """100 kB that would become more than 100 MB."""
    bomb = zipped(a=bytes(MAX_UNPACKED_BYTES // 2), b=bytes(MAX_UNPACKED_BYTES // 2 + 1))

    with pytest.raises(InputError, match=r"unpacks to 100,000,001 bytes, wanted at most 100,000,000"):
        unpacked(bomb, "z.zip", "a")


def test_member_that_lies_about_its_size_is_refused() -> None:
    """Its stated size bounds what is read, and the checksum then does not agree."""
    honest = zipped(a=b"x" * 50_000)
    lying = honest.replace((50_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(InputError, match="not a whole zip file"):
        unpacked(lying, "z.zip", "a")


def test_damaged_zip_is_refused() -> None:
    """Half a download, or a flipped byte in the packed data."""
    whole = zipped(a=bytes(range(256)) * 50)
    flipped = whole[:60] + bytes([whole[60] ^ 255]) + whole[61:]

    for content in (whole[: len(whole) // 2], flipped):
        with pytest.raises(InputError, match=r"z.zip is not a whole zip file .*: download it again"):
            unpacked(content, "z.zip", "a")
