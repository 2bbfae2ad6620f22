"""What only a bucket has: an address, credentials, and a service that may alter, refuse or fail."""

import sys
from pathlib import Path

import pytest

from churn_saver.adapters.places.buckets import BucketPlace, open_bucket
from churn_saver.errors import ConfigError, InputError
from tests import gcs

LARGE = b"0123456789abcdef" * 600_000
"""9.6 MB: two parts of a session."""


def put(here: BucketPlace, name: str, raw: bytes, tmp_path: Path) -> None:
    """Write bytes by way of a file."""
    path = tmp_path / "source"
    path.write_bytes(raw)
    here.write_once(name, path, here.content([raw]))


@pytest.mark.parametrize(
    "address", ["gs://", "gs:///a", "gs://ab", "gs://Bucket/a", "gs://a b/c", "gs://-ab", "gs://a?b=c", "gs://a@b"]
)  # fmt: skip
def test_what_cannot_be_a_bucket_is_refused(address: str) -> None:
    """Before anything is asked of the service."""
    with pytest.raises(InputError, match=r"names no bucket, wanted gs://bucket/prefix"):
        open_bucket(address)


@pytest.mark.parametrize("address", ["gs://bucket/../a", "gs://bucket/a//b", "gs://bucket//a"])
def test_a_prefix_is_a_plain_name(address: str) -> None:
    """A prefix with empty parts or '..' would not be the folder it looks like."""
    with pytest.raises(InputError, match=r"is no plain name"):
        open_bucket(address)


@pytest.mark.parametrize("address", ["gs://bucket", "gs://bucket/", "gs://bucket/a/b", "gs://bucket/a/b/"])
def test_an_address_is_said_as_it_was_given(cloud: gcs.Gcs, address: str) -> None:
    """Less the '/' at its end."""
    assert open_bucket(address).where == address.rstrip("/")


def test_names_come_from_all_pages_and_from_the_prefix_alone(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path
) -> None:
    """The service gives three names at a time; neighbours of the prefix and folder marks are left out."""
    here = open_bucket(f"{prefix}/in")
    for number in range(2 * gcs.PAGE + 1):
        put(here, f"{number}", b"x", tmp_path)
    put(open_bucket(prefix), "in-not", b"x", tmp_path)
    here.bucket.blob(f"{here.prefix}/").upload_from_string(b"")

    assert here.names() == ["0", "1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("raw", [b"small", LARGE], ids=["whole", "session"])
def test_bytes_altered_on_the_way_are_refused_by_the_service(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path, raw: bytes
) -> None:
    """Each upload declares its crc32c, so a service that looks keeps nothing of it."""
    cloud.spoil = True

    with pytest.raises(InputError, match=r"Google Cloud refused \(BadRequest: 400"):
        put(open_bucket(prefix), "file", raw, tmp_path)
    assert open_bucket(prefix).names() == []


@pytest.mark.parametrize("raw", [b"small", LARGE], ids=["whole", "session"])
def test_bytes_altered_on_the_way_are_taken_away_again(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path, raw: bytes
) -> None:
    """A service that does not look says what it has, and that is compared."""
    cloud.spoil, cloud.strict = True, False

    with pytest.raises(
        InputError, match=r"arrived at gs://.* with crc32c .*, sent was crc32c .*altered on the way"
    ):
        put(open_bucket(prefix), "file", raw, tmp_path)  # fmt: skip
    assert open_bucket(prefix).names() == []


def test_an_object_altered_on_the_disk_of_the_service_is_found(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path
) -> None:
    """Its bytes no longer have the crc32c that was recorded when it was written."""
    here = open_bucket(prefix)
    put(here, "file", b"hello", tmp_path)
    (on_disk,) = (cloud.root / here.bucket.name / here.prefix).rglob("file")
    on_disk.write_bytes(b"hellO")

    with pytest.raises(InputError, match=r"file at gs://.* is altered: .* crc32c mnG7TA==.*--replace"):
        here.read("file")


def test_a_bucket_that_is_not_there(cloud: gcs.Gcs, tmp_path: Path) -> None:
    """Neither listing nor writing takes it for empty."""
    here = open_bucket("gs://no-such-bucket/a")

    for use in (here.names, lambda: put(here, "file", b"x", tmp_path)):
        with pytest.raises(
            InputError, match=r"gs://no-such-bucket/a.* is not there\. Look for a misspelling"
        ):
            use()


def test_a_service_out_of_reach(cloud: gcs.Gcs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried again as long as patience lasts, then one line."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")

    with pytest.raises(InputError, match=r"gs://bucket/a cannot be reached .*Look at the network"):
        open_bucket("gs://bucket/a", patience_seconds=0.1).names()


def test_nobody_is_signed_in(cloud: gcs.Gcs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Says how to sign in; asks nothing of any network."""
    for variable in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "GAE_RUNTIME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))

    with pytest.raises(
        InputError, match=r"does not know who is asking .*gcloud auth application-default login"
    ):
        open_bucket("gs://bucket/a")


def test_the_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Says what installs it."""
    monkeypatch.setitem(sys.modules, "google.cloud.storage", None)

    with pytest.raises(
        ConfigError, match=r"google\.cloud\.storage is not .*pip install 'churn-saver\[gcp\]'"
    ):
        open_bucket("gs://bucket/a")
