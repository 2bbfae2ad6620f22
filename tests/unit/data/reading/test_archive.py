"""One member out of a zip file."""

import io
import stat
import struct
import tracemalloc
import zipfile

import pytest

from churn_saver.data.reading.archive import MAX_UNPACKED_BYTES, unpacked
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


@pytest.mark.parametrize("inner_zip", [None, "x.zip"])
def test_bomb_that_lies_about_its_size_takes_no_memory(inner_zip: str | None) -> None:
    """200 MB of zeros behind a stated size of 10 bytes, alone or in a zip within the zip."""
    size = 200_000_000
    bomb = zipped(a=bytes(size)).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    raw = zipped(x_dot_zip=bomb) if inner_zip else bomb
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="not a whole zip file"):
            unpacked(raw, "z.zip", "a", inner_zip)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 10_000_000


def test_zip_within_the_zip_is_held_to_the_same_bound() -> None:
    """An honest bomb, packed once more so that the outer sizes look harmless."""
    bomb = zipped(a=bytes(MAX_UNPACKED_BYTES + 1))

    with pytest.raises(InputError, match=r"z.zip/x.zip unpacks to 100,000,001 bytes"):
        unpacked(zipped(x_dot_zip=bomb), "z.zip", "a", "x.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_unpacked_in_steps_is_refused(method: int) -> None:
    """300 bytes of bzip2 can become gigabytes before anything can be counted."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a", b"1")

    with pytest.raises(InputError, match=rf"'a', packed by method {method}, wanted 0 or 8"):
        unpacked(buffer.getvalue(), "z.zip", "a")


def test_link_is_refused() -> None:
    """Its content would be read as if it were the file it points to."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(InputError, match=r"'a', a link that points elsewhere: do not use it"):
        unpacked(buffer.getvalue(), "z.zip", "a")


def test_encrypted_member_is_refused() -> None:
    """Downloading it again would not help, so the message does not say so."""
    raw = bytearray(zipped(a=b"1"))
    flags = raw.index(b"PK\x01\x02") + 8
    struct.pack_into("<H", raw, flags, 1)

    with pytest.raises(InputError, match=r"'a', which is encrypted: not this data"):
        unpacked(bytes(raw), "z.zip", "a")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused() -> None:
    """Which of them is meant, nobody can say."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")

    with pytest.raises(InputError, match="two members of one name: do not use it"):
        unpacked(buffer.getvalue(), "z.zip", "a")


def test_damaged_zip_is_refused() -> None:
    """Half a download, or a flipped byte in the packed data."""
    whole = zipped(a=bytes(range(256)) * 50)
    flipped = whole[:60] + bytes([whole[60] ^ 255]) + whole[61:]

    for content in (whole[: len(whole) // 2], flipped):
        with pytest.raises(InputError, match=r"z.zip is not a whole zip file .*: download it again"):
            unpacked(content, "z.zip", "a")
