"""Raw files of the public data."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.download.fetching import How, Raw, fetch, named
from churn_saver.config import Address, Source, SourceFile, SourcesSettings, parse
from churn_saver.data.reading.archive import unpacked
from churn_saver.errors import InputError
from tests.misbehaving import Answer, Server, impatient, serving

BYTES = os.urandom(200_000)
SETTINGS = Path(__file__).parents[4] / "ops" / "configs" / "sources.yaml"
REAL = os.environ.get("CHURN_SAVER_TEST_DATA")
REAL_SETS = {"ibm_telco": "full", "uci_bank": "full", "oasst1": "sample", "hh_rlhf": "sample"}
needs_real = pytest.mark.skipif(
    REAL is None, reason="set CHURN_SAVER_TEST_DATA to a folder with the public data"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for this file."""
    with serving() as running:
        yield running


def sha256(content: bytes) -> str:
    """Hash."""
    return hashlib.sha256(content).hexdigest()


def at(url: str, content: bytes | None = BYTES) -> Address:
    """Name an https address, with what is known of its bytes."""
    if content is None:
        return Address(https=url)
    return Address(https=url, sha256=sha256(content), size=len(content))


def source_of(*addresses: Address, path: str = "a/f.csv") -> Source:
    """Make a source of one file."""
    return source_with(full=[SourceFile(path=path, at=addresses)])


def source_with(**sets: list[SourceFile]) -> Source:
    """Make a source of several sets."""
    return Source(
        title="T",
        page="https://page.example",
        licence="MIT",
        cite="C",
        sets={n: tuple(f) for n, f in sets.items()},
    )


def fetched(source: Source, raw: Path, how: How | None = None) -> tuple[str, tuple[Raw, ...]]:
    """Fetch without telling anybody."""
    return fetch("demo", source, raw, how or How(patience=impatient()), lambda *_: None)


def files(raw: Path) -> list[str]:
    """List all files, hidden ones too, but for the lock."""
    return sorted(p.name for p in raw.rglob("*") if p.is_file() and not p.name.endswith(".lock"))


def test_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    """The second time it is only hashed."""
    server.reset({"f": BYTES})
    source = source_of(at(server.url("f")))

    wanted = ("full", (Raw(tmp_path / "a" / "f.csv", "a/f.csv", sha256(BYTES), len(BYTES)),))
    assert fetched(source, tmp_path) == wanted
    assert fetched(source, tmp_path) == wanted
    assert len(server.asked) == 1
    assert files(tmp_path) == ["f.csv"]
    assert (tmp_path / "a" / "f.csv").read_bytes() == BYTES


def test_progress_names_the_file(server: Server, tmp_path: Path) -> None:
    """From the first byte to the last."""
    server.reset({"f": BYTES})
    told: list[tuple[str, int, int]] = []

    fetch("demo", source_of(at(server.url("f"))), tmp_path, How(), lambda *step: told.append(step))

    assert told[0] == ("download a/f.csv", 0, len(BYTES))
    assert told[-1] == ("download a/f.csv", len(BYTES), len(BYTES))


def test_next_address_is_tried_and_the_failure_told(server: Server, tmp_path: Path) -> None:
    """Absent, then wrong bytes, then right: two notes."""
    server.reset({"wrong": bytes(len(BYTES)), "right": BYTES})
    notes: list[str] = []
    source = source_of(*(at(server.url(path)) for path in ("absent", "wrong", "right")))

    fetched(source, tmp_path, How(patience=impatient(), note=notes.append))

    assert notes[0].startswith(f"a/f.csv: {server.url('absent')} answers ")
    assert notes[0].endswith(f"404: no such file. Trying {server.url('wrong')}")
    assert f"wanted {sha256(BYTES)}" in notes[1]
    assert (tmp_path / "a" / "f.csv").read_bytes() == BYTES


def test_when_all_addresses_fail_each_says_why(server: Server, tmp_path: Path) -> None:
    """In one error: a missing file, a client that fails, and wrong bytes. Nothing is kept."""
    server.reset({"wrong": bytes(len(BYTES))})

    def no_hub(*_: object) -> str:
        raise ConnectionError("no route")

    source = source_of(
        at(server.url("absent?key=secret")), Address(hf="o/d", file="f"), Address(kaggle="o/d", file="f"),
        at(server.url("wrong")),
    )  # fmt: skip
    how = How(patience=impatient(), hub=no_hub, kaggle=no_hub)

    with pytest.raises(InputError, match=r"^a/f.csv cannot be had from any of its addresses\n") as found:
        fetched(source, tmp_path, how)
    lines = str(found.value).splitlines()
    starts = [server.url("absent"), "huggingface o/d f", "kaggle o/d f", server.url("wrong")]
    assert [line.strip()[: len(start)] for line, start in zip(lines[1:5], starts, strict=True)] == starts
    assert "404" in lines[1]
    assert "no route" in lines[2]
    assert sha256(BYTES) in lines[4]
    assert "--from" in lines[5]
    assert "secret" not in str(found.value)
    assert files(tmp_path) == []


def test_hub_and_kaggle_are_ways_like_https(tmp_path: Path) -> None:
    """Handed in as functions; the token is asked for only for the hub, and unknown hashes are recorded."""
    calls: list[tuple[object, ...]] = []

    def client(*arguments: object) -> str:
        calls.append(arguments[:-1])
        folder = arguments[-1]
        assert isinstance(folder, Path)
        (folder / "f").write_bytes(BYTES)
        return str(folder / "f")

    def token() -> str:
        calls.append(("token",))
        return "hf_secret"

    how = How(hub=client, kaggle=client, token=token)
    hub = Address(hf="o/d", file="x/f", revision="r", sha256=sha256(BYTES), size=len(BYTES))

    fetched(source_of(Address(kaggle="o/d", file="f"), path="k"), tmp_path, how)
    fetched(source_of(hub, path="h"), tmp_path, how)

    assert calls == [("o/d", "f"), ("token",), ("o/d", "x/f", "r", "hf_secret")]
    assert files(tmp_path) == ["SEEN.json", "h", "k"]


def test_known_size_bounds_what_a_client_brings(tmp_path: Path) -> None:
    """One byte too much."""

    def client(*arguments: object) -> str:
        folder = arguments[-1]
        assert isinstance(folder, Path)
        (folder / "f").write_bytes(BYTES + b"x")
        return str(folder / "f")

    hub = Address(hf="o/d", file="f", sha256=sha256(BYTES), size=len(BYTES))
    with pytest.raises(InputError, match="has 200,001 bytes, wanted at most 200,000"):
        fetched(source_of(hub), tmp_path, How(hub=client))
    assert files(tmp_path) == []


def test_edited_file_is_not_fetched_over(server: Server, tmp_path: Path) -> None:
    """What a person did to it is theirs to undo."""
    server.reset({"f": BYTES})
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f.csv").write_bytes(b"edited")

    with pytest.raises(InputError, match=r"a raw file is never edited. Next step: delete it"):
        fetched(source_of(at(server.url("f"))), tmp_path)
    assert server.asked == []


def two_sets(base: str) -> Source:
    """Make a source whose large set has two files, whose small one has one."""
    large = [SourceFile(path=path, at=(at(f"{base}/{path}"),)) for path in ("l/1", "l/2")]
    return source_with(full=large, sample=[SourceFile(path="s/1", at=(at(f"{base}/s/1"),))])


def test_without_a_mirror_the_first_set_is_taken(server: Server, tmp_path: Path) -> None:
    """Even when a smaller one is here already."""
    server.reset({"l/1": BYTES, "l/2": BYTES, "s/1": BYTES})
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "1").write_bytes(BYTES)

    taken, found = fetched(two_sets(server.base), tmp_path)

    assert (taken, [file.name for file in found]) == ("full", ["l/1", "l/2"])


@pytest.mark.parametrize("kind", ["folder", "address"])
def test_with_a_mirror_the_first_whole_set_is_taken(server: Server, tmp_path: Path, kind: str) -> None:
    """Half of the large set is not enough; with the other half in the raw folder it is."""
    mirror = tmp_path / "mirror"
    for path in ("l/1", "s/1"):
        (mirror / path).parent.mkdir(parents=True)
        (mirror / path).write_bytes(BYTES)
    server.reset({"l/1": BYTES, "s/1": BYTES})
    how = How(mirror=str(mirror) if kind == "folder" else server.base, patience=impatient())
    source = two_sets("https://a.example")

    assert fetched(source, tmp_path / "raw", how)[0] == "sample"
    (tmp_path / "raw" / "l").mkdir()
    (tmp_path / "raw" / "l" / "2").write_bytes(BYTES)
    assert fetched(source, tmp_path / "raw", how)[0] == "full"


def test_mirror_that_fails_is_not_a_mirror_without_the_file(server: Server, tmp_path: Path) -> None:
    """A smaller set is not taken because a server is tired."""
    server.reset({"s/1": BYTES}, {"l/1": [Answer(status=503, forever=True)]})

    with pytest.raises(InputError, match=r"/l/1 answers 503, 4 times in a row"):
        fetched(two_sets("https://a.example"), tmp_path, How(mirror=server.base, patience=impatient()))


def test_mirror_with_wrong_bytes_is_refused(server: Server, tmp_path: Path) -> None:
    """A mirror is held to the hashes of the addresses; too long a file is not even read."""
    server.reset({"a/f.csv": bytes(len(BYTES))})
    source = source_of(at("https://a.example/f"))

    with pytest.raises(InputError, match=rf"wanted {sha256(BYTES)}: nothing was kept"):
        fetched(source, tmp_path, How(mirror=server.base))
    server.reset({"a/f.csv": BYTES + b"x"})
    with pytest.raises(InputError, match="has 200,001 bytes, wanted at most 200,000"):
        fetched(source, tmp_path, How(mirror=server.base))
    assert files(tmp_path) == []


def test_no_whole_set_lists_what_was_looked_for(tmp_path: Path) -> None:
    """By set, with the page of the source and the next step."""
    (tmp_path / "mirror").mkdir()
    with pytest.raises(InputError, match=r"^demo: no set of files is whole in \S+ or \S+mirror") as found:
        fetched(two_sets("https://a.example"), tmp_path / "raw", How(mirror=str(tmp_path / "mirror")))

    assert str(found.value).splitlines()[1:3] == ["  full: absent l/1, l/2", "  sample: absent s/1"]
    assert "Next step: put the files of one set there (https://page.example)" in str(found.value)


def test_offline_asks_nobody(server: Server, tmp_path: Path) -> None:
    """What is missing is said, what is here is taken, and a folder may be a mirror; an address may not."""
    server.reset({"f": BYTES, "a/f.csv": BYTES})
    source = source_of(at(server.url("f")))
    (tmp_path / "mirror" / "a").mkdir(parents=True)
    (tmp_path / "mirror" / "a" / "f.csv").write_bytes(BYTES)

    with pytest.raises(InputError, match=r"offline nothing is fetched\n  full: absent a/f.csv\n"):
        fetched(source, tmp_path / "raw", How(offline=True))
    with pytest.raises(
        InputError, match=r"^http://127.0.0.1:\d+ needs the network. Next step: name a folder"
    ):
        fetched(source, tmp_path / "raw", How(offline=True, mirror=server.base.replace("//", "//me:pw@")))
    fetched(source, tmp_path / "raw", How(offline=True, mirror=str(tmp_path / "mirror")))
    assert fetched(source, tmp_path / "raw", How(offline=True))[0] == "full"
    assert server.asked == []


def bomb() -> bytes:
    """Pack 101 MB of zeros where the table should be."""
    return zipped("bank-additional/bank-additional-full.csv", bytes(101_000_000))


def zipped(name: str, content: bytes) -> bytes:
    """Pack one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(bomb(), "unpacks to 101,000,000 bytes"), (zipped("../../evil", b"x"), "a path that points outside")],
)
def test_hostile_zip_is_refused_by_hash_and_by_the_reader(
    server: Server, tmp_path: Path, content: bytes, reason: str
) -> None:
    """Instead of the bank's zip; where no hash is known it is kept, and refused when opened."""
    server.reset({"bank.zip": content})
    url = server.url("bank.zip")

    with pytest.raises(InputError, match=r"nothing was kept"):
        fetched(source_of(at(url, b"the real zip"), path="bank.zip"), tmp_path)
    assert files(tmp_path) == []
    found = fetched(source_of(at(url, None), path="bank.zip"), tmp_path)[1][0]
    with pytest.raises(InputError, match=reason):
        unpacked(found.path.read_bytes(), found.name, "bank-additional/bank-additional-full.csv")
    assert files(tmp_path) == ["SEEN.json", "bank.zip"]


CHILD = """
import sys
from pathlib import Path
from churn_saver.adapters.download.fetching import How, fetch
from churn_saver.config import Address, Source, SourceFile
address = Address(https=sys.argv[1], sha256=sys.argv[2], size=int(sys.argv[3]))
sets = {"full": (SourceFile(path="a/f.csv", at=(address,)),)}
source = Source(title="T", page="P", licence="L", cite="C", sets=sets)
fetch("demo", source, Path(sys.argv[4]), How(), lambda *_: None)
"""


def test_killed_process_leaves_a_part_and_the_next_run_goes_on(server: Server, tmp_path: Path) -> None:
    """With kill -9, in the middle: no file, and what came is not fetched again."""
    server.reset({"f": BYTES}, {"f": [Answer(stall_after=150_000)]})
    arguments = [server.url("f"), sha256(BYTES), str(len(BYTES)), str(tmp_path)]
    child = subprocess.Popen([sys.executable, "-c", CHILD, *arguments])
    part = tmp_path / "a" / ".f.csv.part"
    try:
        assert server.stalled.wait(20)
        until = time.monotonic() + 20
        while (not part.exists() or part.stat().st_size < 150_000) and time.monotonic() < until:
            time.sleep(0.005)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    assert files(tmp_path) == [".f.csv.part", ".f.csv.part.json"]
    fetched(source_of(at(server.url("f"))), tmp_path)
    assert files(tmp_path) == ["f.csv"]
    assert (tmp_path / "a" / "f.csv").read_bytes() == BYTES
    assert server.asked[1].headers["Range"] == "bytes=150000-"
    assert server.sent == len(BYTES)


def test_addresses_are_named_without_secrets() -> None:
    """As a person would look for them."""
    assert named(Address(https="https://me:pw@a.example/f?key=1")) == "https://a.example/f"
    assert named(Address(hf="o/d", file="x/f")) == "huggingface o/d x/f"
    assert named(Address(kaggle="o/d", file="f")) == "kaggle o/d f"


def settings() -> SourcesSettings:
    """Read the settings that ship."""
    return parse(SourcesSettings, SETTINGS.read_text(), str(SETTINGS))


def test_addresses_that_ship_are_https_and_their_hosts_listed() -> None:
    """Every file lies below a folder of its own source, and no path occurs twice."""
    shipped = settings()
    all_files = [
        file for source in shipped.sources.values() for files in source.sets.values() for file in files
    ]
    urls = [address.https for file in all_files for address in file.at if address.https is not None]

    assert all(url.startswith("https://") for url in urls)
    assert all(any(url.split("/")[2].endswith(host) for host in shipped.hosts) for url in urls)
    assert len({file.path for file in all_files}) == len(all_files)
    assert all(
        (address.sha256 is None) == (address.size is None) for file in all_files for address in file.at
    )


@needs_real
@pytest.mark.parametrize("name", REAL_SETS)
def test_real_files_pass_from_a_folder(name: str, tmp_path: Path) -> None:
    """With the settings that ship; afterwards they are there offline."""
    shipped = settings()
    source = shipped.sources[name]

    taken, found = fetched(source, tmp_path, How(shipped.hosts, mirror=REAL))

    assert taken == REAL_SETS[name]
    assert all(file.path.read_bytes() == (Path(str(REAL)) / file.name).read_bytes() for file in found)
    assert fetched(source, tmp_path, How(offline=True)) == (taken, found)
    assert not (tmp_path / "SEEN.json").exists()


@needs_real
@pytest.mark.parametrize("name", REAL_SETS)
def test_real_files_pass_from_a_server_that_misbehaves(server: Server, name: str, tmp_path: Path) -> None:
    """Busy twice, a cut, a stalled connection: the bytes are exact, and each is sent once."""
    source = settings().sources[name]
    real = {file.path: (Path(str(REAL)) / file.path).read_bytes() for file in source.sets[REAL_SETS[name]]}
    bad = [
        Answer(),
        Answer(status=503),
        Answer(status=503),
        Answer(cut_after=100_001),
        Answer(stall_after=200_002),
    ]
    absent = {file.path: [Answer(status=404, forever=True)] for file in source.sets["full"]}
    server.reset(real, absent | {path: list(bad) for path in real})

    taken, found = fetched(
        source, tmp_path, How(mirror=server.base, patience=impatient(attempts=5, read_seconds=0.5))
    )

    assert taken == REAL_SETS[name]
    assert {file.name: file.path.read_bytes() for file in found} == real
    assert server.sent == sum(map(len, real.values()))


def test_a_raw_folder_that_nobody_may_look_into_is_named(tmp_path: Path) -> None:
    """A name that is too long stands for it: root may look anywhere."""
    path = "x" * 300
    source = source_of(at("https://a.example/f"), path=path)

    with pytest.raises(InputError, match=r"x cannot be looked at \(File name too long\)"):
        fetched(source, tmp_path, How(offline=True))
