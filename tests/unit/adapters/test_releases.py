"""Releases at a place, the pointer to the current one, and the folder of a machine that serves."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from churn_saver.adapters.places import place
from churn_saver.adapters.places.stored import Place
from churn_saver.adapters.releases import (
    CURRENT,
    POINTER,
    Release,
    Shelf,
    brought,
    on_shelf,
    plain_release,
    use,
    which,
)
from churn_saver.adapters.trees import held_tree, push_tree
from churn_saver.errors import ArtifactError, InputError
from tests import gcs


def pushed(where: str, name: str, tmp_path: Path, content: str = "weights") -> Release:
    """Send a release of one file, and give what it should be found as."""
    folder = tmp_path / f"source-{name}"
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_text(content)
    return Release(name, push_tree(folder, where, name).sha256)


def put(where: str, name: str, raw: bytes, tmp_path: Path) -> None:
    """Put a file at a place, over whatever stands there."""
    (tmp_path / "put").write_bytes(raw)
    here = place(where)
    here.write_once(name, tmp_path / "put", here.content([raw]), instead_of=here.stat(name))


@pytest.mark.parametrize("name", ["a", "2026-11-23", "spring_2.1", "A" * 64])
def test_a_plain_name_passes(name: str) -> None:
    """Given back as it was."""
    assert plain_release(name) == name


@pytest.mark.parametrize(
    "name", ["", "a/b", "..", ".a", "-a", "a b", "ü", "A" * 65, "a\n", "current", "current.json"]
)
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str, tmp_path: Path) -> None:
    """For a path, an option or the pointer."""
    with pytest.raises(InputError, match=r"is no name of a release, wanted 1 to 64 letters"):
        plain_release(name)
    with pytest.raises(InputError, match=r"is no name of a release"):
        use(str(tmp_path), name)


def test_the_label_names_release_and_hash() -> None:
    """As many digits of the hash as other versions show."""
    assert Release("spring", "0123456789abcdef" * 4).label == "spring@0123456789abcdef"


def test_a_release_is_found_by_name_and_as_the_current_one(where: str, tmp_path: Path) -> None:
    """The pointer names it with its hash, and moves."""
    one, two = pushed(where, "one", tmp_path), pushed(where, "two", tmp_path, "better")
    first = use(where, "one")
    assert (first, which(where, "one"), which(where, CURRENT)) == (one, one, one)

    assert use(where, "two") == two == which(where, CURRENT)
    assert which(where, "one") == one
    assert json.loads(place(where).read(POINTER)) == {"release": "two", "sha256": two.sha256}


def test_naming_the_current_release_again_writes_nothing(cloud: gcs.Gcs, prefix: str, tmp_path: Path) -> None:
    """Its generation stays."""
    pushed(prefix, "one", tmp_path)
    use(prefix, "one")
    before = place(prefix).stat(POINTER)
    use(prefix, "one")

    assert place(prefix).stat(POINTER) == before


def test_what_is_not_there_is_not_found(where: str, tmp_path: Path) -> None:
    """Neither a name, nor a pointer, and no pointer is written to a release that is not whole."""
    with pytest.raises(ArtifactError, match=r"has no current\.json, so no release is current.*releases use"):
        which(where, CURRENT)
    with pytest.raises(ArtifactError, match=r"nobody has no tree\.json"):
        which(where, "nobody")
    put(f"{where}/half", "model.bin", b"weights", tmp_path)
    with pytest.raises(ArtifactError, match=r"half has no tree\.json: .*its sending was cut off"):
        use(where, "half")
    assert place(where).stat(POINTER) is None


@pytest.mark.parametrize("first_time", [True, False])
def test_of_two_who_move_the_pointer_at_once_one_is_refused(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path, first_time: bool
) -> None:
    """By name, and what the quicker one wrote stands."""
    for name in ("old", "one", "two"):
        pushed(prefix, name, tmp_path, name)
    if not first_time:
        use(prefix, "old")

    cloud.overtaking = lambda: moved_elsewhere(prefix, "two")
    with pytest.raises(InputError, match=r"moved by somebody else at the same time, so one is not made curr"):
        use(prefix, "one")
    assert which(prefix, CURRENT).release == "two"


def moved_elsewhere(where: str, name: str) -> None:
    """Move the pointer from another thread, as another machine would."""
    other = threading.Thread(target=use, args=(where, name))
    other.start()
    other.join()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'{"release": "one"}',
        b'{"release": "../one", "sha256": "%064x"}' % 0,
        b'{"release": 1, "sha256": "%064x"}' % 0,
        b'{"release": "current", "sha256": "%064x"}' % 0,
        b'{"release": "one", "sha256": ""}',
        b'{"release": "one", "sha256": ".."}',
        b'{"release": "one", "sha256": "%064X"}' % 10,
    ],
)
def test_a_pointer_that_was_altered_is_refused(where: str, tmp_path: Path, raw: bytes) -> None:
    """Says how to write it anew; by a hash that is none a folder would be replaced that is no release."""
    put(where, POINTER, raw, tmp_path)

    with pytest.raises(
        ArtifactError, match=r"current\.json at .* cannot be used: .*Take it away, then: churn"
    ):
        which(where, CURRENT)


def test_the_shelf_shows_all_of_them(where: str, tmp_path: Path) -> None:
    """By name, with what was cut off apart; an empty place has nothing."""
    assert on_shelf(where) == Shelf((), (), None)
    two, one = pushed(where, "two", tmp_path), pushed(where, "one", tmp_path)
    put(f"{where}/half", "models/model.bin", b"weights", tmp_path)
    use(where, "two")
    shelf = on_shelf(where)

    assert [(tree.name, tree.files, tree.bytes) for tree in shelf.whole] == [("one", 1, 7), ("two", 1, 7)]
    assert shelf.whole[0].sha256 == one.sha256
    assert (shelf.unfinished, shelf.current) == (("half",), two)


def test_a_release_comes_to_a_folder_named_by_its_hash(where: str, tmp_path: Path) -> None:
    """For its owner alone; what is there already is not brought again, but compared."""
    one = pushed(where, "one", tmp_path)
    folder = brought(where, one, tmp_path / "cache")
    seen = (folder / "model.bin").stat().st_ino

    assert folder == tmp_path / "cache" / one.sha256
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert brought(where, one, tmp_path / "cache") == folder
    assert (folder / "model.bin").stat().st_ino == seen


def test_a_bucket_is_asked_for_as_long_as_the_caller_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the files as for the pointer: whoever starts a service hears soon that its bucket is silent."""
    one, asked = pushed(str(tmp_path / "place"), "one", tmp_path), list[float]()

    def spied(where: str, patience_seconds: float) -> Place:
        asked.append(patience_seconds)
        return place(where, patience_seconds)

    monkeypatch.setattr("churn_saver.adapters.trees.place", spied)
    brought(str(tmp_path / "place"), one, tmp_path / "cache", patience_seconds=3.0)

    assert asked == [3.0]


@pytest.mark.parametrize("lost", ["model.bin", "tree.json"])
def test_a_release_altered_on_this_machine_is_brought_again(where: str, tmp_path: Path, lost: str) -> None:
    """Whatever was altered or lost."""
    one = pushed(where, "one", tmp_path)
    folder = brought(where, one, tmp_path / "cache")
    (folder / lost).write_text("other")
    brought(where, one, tmp_path / "cache")
    assert held_tree(folder).sha256 == one.sha256

    (folder / lost).unlink()
    brought(where, one, tmp_path / "cache")
    assert held_tree(folder).sha256 == one.sha256


def test_a_release_altered_at_its_place_is_refused(where: str, tmp_path: Path) -> None:
    """Nothing of it is kept."""
    one = pushed(where, "one", tmp_path)
    put(f"{where}/one", "model.bin", b"weightS", tmp_path)

    with pytest.raises(ArtifactError, match=r"model\.bin at .*one has SHA-256 .*it was altered"):
        brought(where, one, tmp_path / "cache")
    assert not (tmp_path / "cache" / one.sha256).exists()


def test_another_tree_under_the_name_is_not_the_release(where: str, tmp_path: Path) -> None:
    """Whole as it may be: the pointer names the hash of the one that was looked at."""
    one = pushed(where, "one", tmp_path)

    with pytest.raises(
        ArtifactError, match=r"has the list \w+, wanted f{64}: it was replaced after it became"
    ):
        brought(where, Release("one", "f" * 64), tmp_path / "cache")
    assert not (tmp_path / "cache" / ("f" * 64)).exists()
    assert brought(where, one, tmp_path / "cache").is_dir()


def test_many_at_once_bring_it_once(cloud: gcs.Gcs, prefix: str, tmp_path: Path) -> None:
    """All get the same folder, whole, written by one of them."""
    one = pushed(prefix, "one", tmp_path, "w" * 500_000)
    with ThreadPoolExecutor(6) as pool:
        folders = list(pool.map(lambda _: brought(prefix, one, tmp_path / "cache"), range(6)))

    assert set(folders) == {tmp_path / "cache" / one.sha256}
    assert held_tree(folders[0]).sha256 == one.sha256
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [
        f".{one.sha256}.lock",
        one.sha256,
    ]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder of somebody else's")
def test_a_cache_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Its owner could change what is served from it."""
    one = pushed(str(tmp_path / "place"), "one", tmp_path)
    (tmp_path / "cache").mkdir()
    os.chown(tmp_path / "cache", 12345, -1)

    with pytest.raises(InputError, match=r"cache belongs to user 12345, .*in MODEL_CACHE_DIR"):
        brought(str(tmp_path / "place"), one, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the variable that names another."""
    one = pushed(str(tmp_path / "place"), "one", tmp_path)
    (tmp_path / "file").touch()

    with pytest.raises(
        InputError, match=r"file/cache cannot be written \(.*\)\. Name another folder in MODEL"
    ):
        brought(str(tmp_path / "place"), one, tmp_path / "file" / "cache")
