"""A data set is at its place whole, or without a manifest; killing the upload changes nothing about that."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from churn_saver.adapters.manifests import MANIFEST, FileEntry, Manifest
from churn_saver.adapters.places.opening import place
from churn_saver.adapters.places.sessions import PART_BYTES
from churn_saver.adapters.places.stored import Place
from churn_saver.adapters.places.uploading import Uploaded, upload, verify
from churn_saver.errors import ArtifactError, InputError
from tests import gcs

LARGE = bytes(range(256)) * 40_000
"""10,240,000 bytes: more than goes over in one request."""
FILES = {
    "test.parquet": b"test",
    "train.parquet": b"train" * 1_000,
    "ungültig.jsonl": b"",
    "valid.parquet": b"valid" * 9,
}
CHILD = """
import os, signal, sys
from pathlib import Path
from churn_saver.adapters.places.opening import place
from churn_saver.adapters.places.uploading import upload

folder, where, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def report(what, done, total):
    global left
    left -= what.startswith("sending")
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

print(upload(folder, place(where), report).bytes_sent)
"""


def quiet(what: str, done: int, total: int) -> None:
    """Say nothing."""


def prepare(folder: Path, files: dict[str, bytes]) -> bytes:
    """Make a prepared data set by hand; give its manifest."""
    folder.mkdir(exist_ok=True)
    entries = {}
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
        entries[name] = FileEntry(hashlib.sha256(raw).hexdigest(), len(raw), 1, {"customer_id": "String"})
    manifest = Manifest("ibm_telco", "1", 42, {}, {"ibm_telco": "full"}, (), entries, {}, {}).to_bytes()
    (folder / MANIFEST).write_bytes(manifest)
    return manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Prepare a data set, with a report beside it that no manifest names."""
    prepare(tmp_path / "ibm_telco", FILES)
    (tmp_path / "ibm_telco" / "report.html").write_text("<p>")
    return tmp_path / "ibm_telco"


def held(here: Place) -> dict[str, bytes]:
    """Read everything at a place."""
    return {name: b"".join(here.pieces(name)) for name in here.names()}


def test_files_go_first_and_the_manifest_last(where: str, folder: Path) -> None:
    """What the manifest names and the manifest, nothing else; all bytes are counted."""
    told: list[tuple[str, int, int]] = []
    manifest = (folder / MANIFEST).read_bytes()
    here = place(where)

    uploaded = upload(folder, here, lambda *step: told.append(step))

    assert uploaded == Uploaded((*FILES, MANIFEST), (), sum(map(len, FILES.values())) + len(manifest))
    assert held(here) == FILES | {MANIFEST: manifest}
    assert told[-1] == (f"sending {MANIFEST}", len(manifest), len(manifest))
    assert ("checking train.parquet", 5_000, 5_000) in told
    assert ("sending train.parquet", 5_000, 5_000) in told
    assert verify(here, quiet).faults == ()


def test_what_is_there_is_not_sent_again(where: str, folder: Path) -> None:
    """Not a byte."""
    upload(folder, place(where), quiet)

    assert upload(folder, place(where), quiet) == Uploaded((), (*FILES, MANIFEST), 0)


@contextmanager
def watching(here: Place, expected: dict[str, bytes]) -> Iterator[list[str]]:
    """Look again and again at a place until the block ends.

    Gives what was wrong, one entry each, and 'looked' for each look.
    """
    contents = {name: here.content([raw]) for name, raw in expected.items()}
    seen: list[str] = []
    end = threading.Event()

    def look() -> None:
        while True:
            last = end.is_set()
            names = here.names()
            for name in names:
                stands = here.stat(name)
                if stands is None or stands.content != contents[name]:
                    seen.append(f"{name} is half")
            if MANIFEST in names:
                seen.extend(verify(here, quiet).faults)
            seen.append("looked")
            if last:
                return

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        end.set()
        watcher.join()


def start(folder: Path, where: str, kill_at: int) -> "subprocess.Popen[bytes]":
    """Upload in another process, which kills itself when it reports the n-th time that something was sent."""
    return subprocess.Popen([sys.executable, "-c", CHILD, str(folder), where, str(kill_at)])


def test_killed_again_and_again_it_is_never_half_there(
    where: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    """Real processes, killed by SIGKILL; at every look the place is whole or unfinished.

    A bucket hears of each part when it has gone over, so every run gets one step further: a file, half a
    file, its rest, two files, the manifest. A folder hears of pieces before a file is put in its place.
    """
    files = FILES | {"train.parquet": LARGE}
    expected = files | {MANIFEST: prepare(folder, files)}
    moments = (1, 1, 1, 2, 1) if where.startswith("gs://") else (1, 2, 5, 12)
    ends = []

    with watching(place(where), expected) as seen:
        for kill_at in (*moments, 1_000):
            with start(folder, where, kill_at) as process:
                pass
            ends.append(process.returncode)

    assert ends == [-9] * len(moments) + [0]
    assert set(seen) == {"looked"}
    assert len(seen) > len(ends)
    assert held(place(where)) == expected
    if where.startswith("gs://"):
        service: gcs.Gcs = request.getfixturevalue("cloud")
        assert service.received == sum(map(len, expected.values()))


def test_killed_within_a_part_only_the_rest_is_sent(cloud: gcs.Gcs, prefix: str, folder: Path) -> None:
    """The service keeps what it got of the part, in steps of 256 KiB; a session goes on from there."""
    manifest = prepare(folder, FILES | {"train.parquet": LARGE})
    children: list[subprocess.Popen[bytes]] = []
    ready = threading.Event()

    def kill() -> None:
        ready.wait(30)
        children[0].kill()
        children[0].wait()

    cloud.hold = (len(FILES["test.parquet"]) + PART_BYTES + 600_000, kill)
    with start(folder, prefix, 1_000) as child:
        children.append(child)
        ready.set()
    (session,) = cloud.sessions.values()
    settled = threading.Event()
    for _ in range(1_000):
        if len(session.kept) > PART_BYTES:
            break
        settled.wait(0.01)

    assert child.returncode == -9
    assert len(session.kept) >= PART_BYTES + 2 * gcs.KEPT_MULTIPLE
    kept = len(session.kept)
    uploaded = upload(folder, place(prefix), quiet)
    assert uploaded.bytes_sent == len(LARGE) - kept + len(FILES["valid.parquet"]) + len(manifest)
    assert verify(place(prefix), quiet).faults == ()


def test_a_folder_that_does_not_match_its_manifest_sends_nothing(where: str, folder: Path) -> None:
    """Not even the files that do match."""
    (folder / "valid.parquet").write_bytes(b"valid" * 8 + b"VALID")

    with pytest.raises(
        InputError, match=r"valid\.parquet is not what its manifest says.*\. Nothing was sent"
    ):
        upload(folder, place(where), quiet)
    (folder / "valid.parquet").unlink()
    with pytest.raises(InputError, match=r"valid\.parquet cannot be read .*make data\.all"):
        upload(folder, place(where), quiet)
    assert place(where).names() == []


def test_a_folder_without_a_manifest_is_refused(where: str, folder: Path) -> None:
    """It is unfinished, or no data set; one whose manifest is none is refused too."""
    (folder / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"manifest\.json cannot be read .*make data\.all"):
        upload(folder, place(where), quiet)
    (folder / MANIFEST).write_text("[]")
    with pytest.raises(ArtifactError, match=r"not a manifest"):
        upload(folder, place(where), quiet)


def test_another_data_set_is_refused_before_a_byte_is_sent(where: str, folder: Path) -> None:
    """One file differs: nothing changes at the place, and the message says how to replace it."""
    upload(folder, place(where), quiet)
    before = held(place(where))
    prepare(folder, FILES | {"valid.parquet": b"other", "more.parquet": b"more"})

    with pytest.raises(InputError, match=r"another valid\.parquet stands at .*, ours has .*--replace"):
        upload(folder, place(where), quiet)
    assert held(place(where)) == before


def test_replace_sends_what_differs(where: str, folder: Path) -> None:
    """What is equal stays; afterwards the place is the new data set."""
    upload(folder, place(where), quiet)
    new = FILES | {"valid.parquet": b"other"}
    manifest = prepare(folder, new)

    uploaded = upload(folder, place(where), quiet, replace=True)

    assert uploaded.new == ("valid.parquet", MANIFEST)
    assert uploaded.bytes_sent == len(b"other") + len(manifest)
    assert held(place(where)) == new | {MANIFEST: manifest}


def test_a_replacement_that_stops_half_way_is_unfinished(where: str, folder: Path) -> None:
    """Between two data sets there is no manifest: nobody takes the mixture for one of them."""

    def stop(what: str, done: int, total: int) -> None:
        if what == "sending test.parquet":
            raise KeyboardInterrupt

    upload(folder, place(where), quiet)
    manifest = prepare(folder, FILES | {"test.parquet": b"TEST", "valid.parquet": b"other"})

    with pytest.raises(KeyboardInterrupt):
        upload(folder, place(where), stop, replace=True)
    assert MANIFEST not in place(where).names()
    upload(folder, place(where), quiet, replace=True)
    assert held(place(where))[MANIFEST] == manifest
    assert verify(place(where), quiet).faults == ()


def test_only_the_manifest_differs(where: str, folder: Path) -> None:
    """Then it is replaced in one step, and the place is never without one."""
    upload(folder, place(where), quiet)
    (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes().replace(b'"seed": 42', b'"seed": 43'))

    assert upload(folder, place(where), quiet, replace=True).new == (MANIFEST,)
    assert b'"seed": 43' in place(where).read(MANIFEST)


def test_a_whole_data_set_is_verified(where: str, folder: Path) -> None:
    """In a folder and in a bucket; what the manifest does not name is a note."""
    upload(folder, place(where), quiet)
    write(place(where), "report.html", b"<p>", folder)

    verified = verify(place(where), quiet)

    assert (verified.dataset, verified.files, verified.faults) == ("ibm_telco", len(FILES), ())
    assert verified.bytes == sum(map(len, FILES.values()))
    assert verified.notes == ("report.html",)
    assert verify(place(str(folder)), quiet) == verified


def write(here: Place, name: str, raw: bytes, folder: Path) -> None:
    """Put other bytes under a name."""
    path = folder.parent / "other"
    path.write_bytes(raw)
    here.write_once(name, path, here.content([raw]), instead_of=here.stat(name))


def test_every_fault_is_found(where: str, folder: Path) -> None:
    """Missing, altered by one bit, longer and shorter: each is named, and all of them."""
    upload(folder, place(where), quiet)
    here = place(where)
    seen = here.stat("test.parquet")
    assert seen is not None
    here.remove("test.parquet", seen)
    write(here, "train.parquet", FILES["train.parquet"][:-1] + b"m", folder)
    write(here, "ungültig.jsonl", b"x", folder)
    write(here, "valid.parquet", b"", folder)

    verified = verify(here, quiet)

    missing, altered, longer, shorter = (fault.removeprefix(f"{where}/") for fault in verified.faults)
    assert missing == "test.parquet is missing"
    assert altered.startswith("train.parquet is altered: it has SHA-256 ")
    assert hashlib.sha256(b"train" * 1_000).hexdigest() in altered
    assert longer == "ungültig.jsonl has 1 bytes, the manifest says 0"
    assert shorter == "valid.parquet has 0 bytes, the manifest says 45"
    assert (verified.files, verified.bytes) == (0, 0)


def test_a_place_without_a_manifest_is_unfinished(where: str, folder: Path) -> None:
    """That is the fault; what stands there is noted."""
    write(place(where), "train.parquet", b"x", folder)

    verified = verify(place(where), quiet)

    assert verified.faults[0].startswith(f"{where} is unfinished: it has no manifest.json")
    assert (verified.dataset, verified.notes) == ("", ("train.parquet",))


def test_a_file_replaced_meanwhile_is_not_vouched_for(where: str, folder: Path) -> None:
    """Somebody replaces the data set while it is looked at: no manifest may stand over the mixture."""
    here = place(where)
    upload(folder, here, quiet)
    seen = here.stat(MANIFEST)
    assert seen is not None
    here.remove(MANIFEST, seen)
    (folder / "more.parquet").write_bytes(b"more")
    prepare(folder, FILES | {"more.parquet": b"more"})

    def meddle(what: str, done: int, total: int) -> None:
        if what == "sending more.parquet":
            write(here, "train.parquet", b"theirs", folder)

    with pytest.raises(InputError, match=r"another train\.parquet stands at"):
        upload(folder, here, meddle)
    assert MANIFEST not in here.names()


def test_a_manifest_written_while_files_are_replaced_is_replaced_too(where: str, folder: Path) -> None:
    """The old data set is uploaded once more in the middle of its replacement."""
    here = place(where)
    upload(folder, here, quiet)
    old = here.read(MANIFEST)
    new = FILES | {"valid.parquet": b"other"}
    manifest = prepare(folder, new)

    def meddle(what: str, done: int, total: int) -> None:
        if what == "sending valid.parquet" and MANIFEST not in here.names():
            write(here, MANIFEST, old, folder)

    upload(folder, here, meddle, replace=True)

    assert held(here) == new | {MANIFEST: manifest}
    assert verify(here, quiet).faults == ()
