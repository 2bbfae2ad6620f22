"""sources.yaml: where the public data comes from."""

from typing import Any

import pytest

from churn_saver.config import Address, SourceFile
from churn_saver.config.reading import validated
from churn_saver.errors import ConfigError

HASH = "0" * 64


def test_an_address_names_one_place() -> None:
    """By https alone, or a file of a data set on a hub."""
    plain = validated(Address, {"https": "https://example.org/a.csv", "sha256": HASH, "size": 3}, "x")
    hub = validated(Address, {"hf": "owner/set", "file": "train/a.csv", "revision": "abc"}, "x")

    assert (plain.https, plain.size) == ("https://example.org/a.csv", 3)
    assert (hub.hf, hub.file, hub.sha256) == ("owner/set", "train/a.csv", None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, r"names 0 places \(none\), wanted one"),
        ({"https": "https://a.org/b", "hf": "a/b", "file": "c"}, r"names 2 places \(https, hf\), wanted one"),
        ({"hf": "owner/set"}, r"file belongs to hf and kaggle, and they need it"),
        ({"https": "https://a.org/b", "file": "c"}, r"file belongs to hf and kaggle"),
        ({"https": "ftp://a.org/b"}, r"https is 'ftp://a\.org/b'"),
        ({"https": "https://a.org/b", "sha256": "ABC"}, r"sha256 is 'ABC'"),
        ({"kaggle": "owner/set", "file": "../c"}, r"is not a plain relative path"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(fields: dict[str, Any], reason: str) -> None:
    """The message says what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        validated(Address, fields, "sources.yaml")


@pytest.mark.parametrize("path", ["/etc/passwd", "a/../../b", "a\\b", "", "a//b", "./a"])
def test_a_path_that_leaves_its_folder_is_refused(path: str) -> None:
    """A mirror and data/raw are both joined with it."""
    at = [{"https": "https://a.org/b"}]

    with pytest.raises(ConfigError, match=r"is not a plain relative path"):
        validated(SourceFile, {"path": path, "at": at}, "sources.yaml")
