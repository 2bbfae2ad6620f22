"""Files from the Hugging Face hub and from Kaggle."""

import errno
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.download.hubs import from_client, huggingface, kaggle
from churn_saver.adapters.download.parts import Part, held
from churn_saver.errors import ConfigError, InputError
from tests.misbehaving import Answer, Server, serving

COMMIT = "c" * 40
FILE = "datasets/owner/set/resolve/main/a/f.json"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for this file."""
    with serving() as running:
        yield running


def brought(folder: Path, fetch: Callable[[Path], str], most: int = 100, secret: str | None = None) -> bytes:
    """Give what a client brings."""
    with held(folder / "f") as part:
        from_client("kaggle owner/set f", part, most, secret, "log in", fetch)
        return part.path.read_bytes()


def a_file(folder: Path) -> str:
    """Fetch five bytes, somewhere below the folder, as the clients do."""
    (folder / "deep").mkdir()
    (folder / "deep" / "f").write_bytes(b"bytes")
    return str(folder / "deep" / "f")


def test_what_a_client_brings_becomes_the_part(tmp_path: Path) -> None:
    """Its own copy is removed."""
    assert brought(tmp_path, a_file) == b"bytes"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".f.part", ".f.part.json"]


def test_leavings_of_a_killed_client_are_removed(tmp_path: Path) -> None:
    """A folder with half a file in it stands there."""
    (tmp_path / ".f.fetched").mkdir()
    (tmp_path / ".f.fetched" / "half").write_bytes(b"ha")

    assert brought(tmp_path, a_file) == b"bytes"
    assert not (tmp_path / ".f.fetched").exists()


def test_too_much_and_no_file_are_refused(tmp_path: Path) -> None:
    """Nothing of it is kept."""
    with pytest.raises(
        InputError, match="kaggle owner/set f has 5 bytes, wanted at most 4: nothing was kept"
    ):
        brought(tmp_path, a_file, most=4)
    with pytest.raises(InputError, match="which is no file"):
        brought(tmp_path, str)
    assert list(tmp_path.iterdir()) == []


def test_fault_of_a_client_is_told_without_secrets(tmp_path: Path) -> None:
    """In one line, whatever class it has."""

    def fails(folder: Path) -> str:
        raise LookupError("no\n f at https://cdn.org/f?Signature=secret with hf_secret")

    with pytest.raises(
        InputError,
        match=r"^kaggle owner/set f failed \(LookupError: no f at https://cdn.org/f with \*\*\*\)$",
    ):
        brought(tmp_path, fails, secret="hf_secret")
    assert list(tmp_path.iterdir()) == []


def test_client_without_rights_says_what_helps(tmp_path: Path) -> None:
    """Kaggle's own error for a missing account."""
    from kagglehub.exceptions import UnauthenticatedError

    def fails(folder: Path) -> str:
        raise UnauthenticatedError

    with pytest.raises(InputError, match=r"User is not authenticated\). Next step: log in"):
        brought(tmp_path, fails)


@pytest.mark.parametrize("package", ["huggingface_hub", "kagglehub"])
def test_missing_package_names_the_extra(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line with the command."""
    monkeypatch.setitem(sys.modules, package, None)
    fetches: dict[str, Callable[[Path], str]] = {
        "huggingface_hub": lambda folder: huggingface("o/d", "f", None, None, folder),
        "kagglehub": lambda folder: kaggle("o/d", "f", folder),
    }

    with pytest.raises(ConfigError, match=rf"{package} is not installed.*pip install 'churn-saver\[data\]'"):
        brought(tmp_path, fetches[package])


def test_kaggle_is_called_as_it_wants_to_be(tmp_path: Path) -> None:
    """The call that we make fits the signature of the installed client."""
    from kagglehub import dataset_download

    bound = inspect.signature(dataset_download).bind("o/d", "f", output_dir=str(tmp_path))

    assert bound.arguments == {"handle": "o/d", "path": "f", "output_dir": str(tmp_path)}


def test_hub_is_called_as_it_wants_to_be(tmp_path: Path) -> None:
    """The call that we make fits the signature of the installed client."""
    from huggingface_hub import hf_hub_download

    bound = inspect.signature(hf_hub_download).bind(
        "o/d", "f", repo_type="dataset", revision=None, token=None, local_dir=tmp_path, endpoint=None
    )

    assert (bound.arguments["repo_id"], bound.arguments["filename"]) == ("o/d", "f")


def test_hub_client_fetches_from_a_hub(server: Server, tmp_path: Path) -> None:
    """The real client against a server that speaks like the hub; it shows the token and brings the bytes."""
    server.reset({FILE: b"bytes"}, {FILE: [Answer(headers={"X-Repo-Commit": COMMIT}, forever=True)]})

    def fetch(folder: Path) -> str:
        return huggingface("owner/set", "a/f.json", None, "hf_secret", folder, server.base)

    assert brought(tmp_path, fetch) == b"bytes"
    assert {question.headers.get("authorization") for question in server.asked} == {"Bearer hf_secret"}


def test_token_stays_with_the_hub(server: Server, tmp_path: Path) -> None:
    """Large files lie on another host, which must not see it."""
    elsewhere = f"http://localhost:{server.server_port}/storage/f"
    headers = {"Location": elsewhere, "X-Repo-Commit": COMMIT, "X-Linked-Etag": '"1"', "X-Linked-Size": "5"}
    server.reset({"storage/f": b"bytes"}, {FILE: [Answer(status=302, headers=headers, forever=True)]})

    def fetch(folder: Path) -> str:
        return huggingface("owner/set", "a/f.json", None, "hf_secret", folder, server.base)

    assert brought(tmp_path, fetch) == b"bytes"
    stored = [question.headers for question in server.asked if question.path == "storage/f"]
    assert stored
    assert not any("authorization" in {name.lower() for name in headers} for headers in stored)


def test_gated_set_says_what_helps(server: Server, tmp_path: Path) -> None:
    """The hub answers 401; the message does not hold the token."""
    gated = Answer(
        status=401, headers={"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"}, forever=True
    )
    server.reset({}, {FILE: [gated]})

    def fetch(folder: Path) -> str:
        return huggingface("owner/set", "a/f.json", None, "hf_secret", folder, server.base)

    with pytest.raises(InputError, match=r"failed \(GatedRepoError: .*\). Next step: log in") as found:
        brought(tmp_path, fetch, secret="hf_secret")
    assert "hf_secret" not in str(found.value)


def test_file_that_the_hub_does_not_have(server: Server, tmp_path: Path) -> None:
    """Told at once."""
    absent = Answer(
        status=404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, forever=True
    )
    server.reset({}, {FILE: [absent]})

    def fetch(folder: Path) -> str:
        return huggingface("owner/set", "a/f.json", None, None, folder, server.base)

    with pytest.raises(InputError, match=r"failed \(\w*EntryNotFoundError: 404"):
        brought(tmp_path, fetch)


def test_a_full_disk_is_not_told_as_a_fault_of_the_client(tmp_path: Path) -> None:
    """The client brought its file; the copy has no room."""

    class Full(Part):
        """A part on a disk without room."""

        def write(self, chunk: bytes) -> None:
            """Refuse, as the system does."""
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with (
        pytest.raises(InputError, match=r"f cannot be written \(No space left on device\)"),
        held(tmp_path / "f") as part,
        (tmp_path / "other").open("w+b") as other,
    ):
        from_client("hub", Full(part.place, other.fileno()), 100, None, "log in", a_file)
    assert not (tmp_path / ".f.fetched").exists()
