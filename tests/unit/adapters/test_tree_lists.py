"""What a list of a tree may say."""

import json

import pytest

from churn_saver.adapters.tree_lists import TREE, Entry, read_list, written_list
from churn_saver.errors import ArtifactError

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes, as every table of test vectors has it."""


def test_a_list_is_written_by_the_letter() -> None:
    """Paths in order whatever the order given, two entries each, and nothing of time or place."""
    raw = written_list({"b/c.txt": Entry(NOTHING, 0), "a": Entry("ab" * 32, 7)})

    assert raw.decode() == (
        '{\n  "files": {\n    "a": {\n      "sha256": "' + "ab" * 32 + '",\n      "size": 7\n    },\n'
        '    "b/c.txt": {\n      "sha256": "' + NOTHING + '",\n      "size": 0\n    }\n  },\n'
        '  "schema": 1\n}\n'
    )
    assert read_list(raw, "here") == {"a": Entry("ab" * 32, 7), "b/c.txt": Entry(NOTHING, 0)}


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("../up", r"'\.\./up' is no plain name"),
        ("a/../../up", r"is no plain name"),
        ("/etc/passwd", r"is no plain name"),
        (".hidden", r"is no plain name"),
        ("a//b", r"is no plain name"),
        ("a\\b", r"is no plain name"),
        ("", r"is no plain name"),
        (TREE, r"it names itself, tree\.json"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, match: str) -> None:
    """Before any file is asked for."""
    with pytest.raises(ArtifactError, match=match):
        read_list(written_list({path: Entry(NOTHING, 0)}), "here")


@pytest.mark.parametrize(
    ("found", "match"),
    [
        (
            [],
            r"here cannot be used: the list is '\[\]', wanted an object.*send the files again under another",
        ),
        ({"schema": 1}, r"the list lacks files"),
        ({"schema": 2, "files": {}}, r"schema is 2, wanted 1"),
        ({"schema": 1, "files": {}}, r"files is empty or no object"),
        ({"schema": 1, "files": [1]}, r"files is empty or no object"),
        ({"schema": 1, "files": {"a": {}}}, r"'a' lacks sha256, size"),
        ({"schema": 1, "files": {"a": {"sha256": NOTHING, "size": 0, "x": 1}}}, r"'a' holds x"),
        ({"schema": 1, "files": {"a": {"sha256": NOTHING, "size": -1}}}, r"and size -1, wanted 64 hex"),
        ({"schema": 1, "files": {"a": {"sha256": NOTHING, "size": True}}}, r"'a'\.size is 'True'"),
        ({"schema": 1, "files": {"a": {"sha256": NOTHING[1:], "size": 0}}}, r"wanted 64 hex digits"),
        ({"schema": 1, "files": {"a": {"sha256": NOTHING.upper(), "size": 0}}}, r"wanted 64 hex digits"),
    ],
)
def test_what_is_no_list_is_refused(found: object, match: str) -> None:
    """Each message names the list and what is wrong with it."""
    with pytest.raises(ArtifactError, match=match):
        read_list(json.dumps(found).encode(), "here")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    """Cut short, no text, or nested without end."""
    with pytest.raises(ArtifactError, match=r"^here cannot be used: "):
        read_list(raw, "here")
