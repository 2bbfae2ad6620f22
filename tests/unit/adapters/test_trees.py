"""Trees in a folder and in a bucket: complete, as they were, or refused."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.places import place
from churn_saver.adapters.tree_lists import TREE
from churn_saver.adapters.trees import Tree, held_tree, pull_tree, push_tree, read_tree
from churn_saver.errors import ArtifactError, InputError
from tests import gcs

FILES = {"a.txt": b"alpha", "models/b.bin": b"\x00" * 3_000_000, "models/deep/c.json": b"{}", "empty": b""}


def made(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder."""
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Read a folder whole, hidden files and the list included."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def write(where: str, name: str, raw: bytes, tmp_path: Path) -> None:
    """Put a file at a place, over whatever stands there."""
    (tmp_path / "source").write_bytes(raw)
    here = place(where)
    if (seen := here.stat(name)) is not None:
        here.remove(name, seen)
    here.write_once(name, tmp_path / "source", here.content([raw]))


def test_a_tree_comes_back_as_it_was_sent(where: str, tmp_path: Path) -> None:
    """Every byte of it, and both ends name the same hash: that of the list, as sha256sum has it."""
    sent = push_tree(made(tmp_path / "from", FILES), where, "first")
    back = pull_tree(where, "first", tmp_path / "to")

    listed = (tmp_path / "to" / TREE).read_bytes()
    assert content(tmp_path / "to") == FILES | {TREE: listed}
    assert sent == back == Tree("first", 4, 3_000_007, hashlib.sha256(listed).hexdigest())
    assert read_tree(where, "first") == sent
    assert held_tree(tmp_path / "to") == Tree("to", sent.files, sent.bytes, sent.sha256)
    assert json.loads(listed)["files"]["a.txt"] == {"sha256": hashlib.sha256(b"alpha").hexdigest(), "size": 5}


def test_what_was_brought_back_can_be_sent_on_as_the_same_tree(where: str, tmp_path: Path) -> None:
    """The list is made anew and is the same: it does not vouch for itself."""
    sent = push_tree(made(tmp_path / "from", FILES), where, "first")
    pull_tree(where, "first", tmp_path / "to")

    assert push_tree(tmp_path / "to", where, "second").sha256 == sent.sha256


def test_hidden_files_stay_behind(where: str, tmp_path: Path) -> None:
    """They are half-written ones."""
    made(tmp_path / "from", FILES | {".a.txt-x1": b"half", ".git/config": b"no", "models/.b": b"half"})

    assert push_tree(tmp_path / "from", where, "first").files == len(FILES)


def test_sending_again_writes_nothing(cloud: gcs.Gcs, prefix: str, tmp_path: Path) -> None:
    """What stands there with the same content stays, by its generation."""
    push_tree(made(tmp_path / "from", FILES), prefix, "first")
    before = [place(f"{prefix}/first").stat(name) for name in (*FILES, TREE)]
    received = cloud.received
    push_tree(tmp_path / "from", prefix, "first")

    assert [place(f"{prefix}/first").stat(name) for name in (*FILES, TREE)] == before
    assert cloud.received == received


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ({"a.txt": b"ALPHA"}, r"another a\.txt stands at .*first: it has .* and 5 bytes.*Take another name"),
        ({"more": b"m"}, r"first holds a\.txt, which is not among the files to send.*take another name"),
    ],
)
def test_a_name_is_written_once(where: str, tmp_path: Path, other: dict[str, bytes], match: str) -> None:
    """Another tree under the same name is refused before any of it is sent."""
    push_tree(made(tmp_path / "from", FILES), where, "first")
    before = place(f"{where}/first").names()

    with pytest.raises(InputError, match=match):
        push_tree(made(tmp_path / "other", other), where, "first")
    assert place(f"{where}/first").names() == before
    assert pull_tree(where, "first", tmp_path / "to").files == len(FILES)


def test_a_sending_that_was_cut_is_no_tree_until_it_is_ended(where: str, tmp_path: Path) -> None:
    """Files without a list are refused; sending again completes them."""
    made(tmp_path / "from", FILES)
    write(f"{where}/first", "a.txt", FILES["a.txt"], tmp_path)

    with pytest.raises(ArtifactError, match=r"first has no tree\.json: .*cut off.*send it again"):
        pull_tree(where, "first", tmp_path / "to")
    push_tree(tmp_path / "from", where, "first")
    assert pull_tree(where, "first", tmp_path / "to").files == len(FILES)


@pytest.mark.parametrize(
    ("name", "raw", "match"),
    [
        ("a.txt", b"alphA", r"a\.txt at .*first has SHA-256 \w+, tree\.json says \w+: it was altered"),
        ("a.txt", b"alp", r"a\.txt at .*first has 3 bytes, not the 5 bytes that tree\.json says"),
        ("a.txt", b"alphabet", r"a\.txt at .*first has more than the 5 bytes that tree\.json says"),
        ("a.txt", b"", r"a\.txt at .*first has 0 bytes, not the 5 bytes"),
        ("added", b"x", r"first holds added, which tree\.json does not name: it was altered"),
        (TREE, b"{}", r"first/tree\.json cannot be used: the list lacks schema, files"),
    ],
)
def test_a_tree_that_was_altered_is_refused_and_the_old_one_stays(
    where: str, tmp_path: Path, name: str, raw: bytes, match: str
) -> None:
    """Whatever was altered; nothing of it is left beside the old tree."""
    pushed = push_tree(made(tmp_path / "from", FILES), where, "first")
    pull_tree(where, "first", tmp_path / "here" / "to")
    old = content(tmp_path / "here")
    write(f"{where}/first", name, raw, tmp_path)

    with pytest.raises(ArtifactError, match=match):
        pull_tree(where, "first", tmp_path / "here" / "to")
    assert content(tmp_path / "here") == old
    assert held_tree(tmp_path / "here" / "to").sha256 == pushed.sha256


def test_a_tree_that_lacks_a_file_is_refused(where: str, tmp_path: Path) -> None:
    """By its name, and nothing is written."""
    push_tree(made(tmp_path / "from", FILES), where, "first")
    here = place(f"{where}/first")
    seen = here.stat("empty")
    assert seen is not None
    here.remove("empty", seen)

    with pytest.raises(ArtifactError, match=r"first lacks empty: it was altered.*send the files again under"):
        pull_tree(where, "first", tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("name", ["../up", "/root", "a/../../b", ".hidden", ""])
def test_a_name_that_leads_elsewhere_is_refused(where: str, tmp_path: Path, name: str) -> None:
    """At both ends."""
    with pytest.raises(InputError, match=r"is no plain name"):
        push_tree(made(tmp_path / "from", FILES), where, name)
    with pytest.raises(InputError, match=r"is no plain name"):
        pull_tree(where, name, tmp_path / "to")


def test_no_place_at_all(tmp_path: Path) -> None:
    """An empty address is not the root of the disk."""
    with pytest.raises(InputError, match=r"'' is no place, wanted a folder or gs://"):
        pull_tree("", "first", tmp_path / "to")


def test_links_are_not_followed(where: str, tmp_path: Path) -> None:
    """A link would send what lies elsewhere."""
    (tmp_path / "secret").write_bytes(b"s")
    (made(tmp_path / "from", FILES) / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(InputError, match=r"link is a link, a pipe or a device, wanted plain files"):
        push_tree(tmp_path / "from", where, "first")


def test_a_link_in_a_source_folder_is_refused(tmp_path: Path) -> None:
    """Also one that has the right bytes: it may have others when they are read again."""
    push_tree(made(tmp_path / "from", FILES), str(tmp_path / "place"), "first")
    stands = tmp_path / "place" / "first" / "a.txt"
    stands.unlink()
    stands.symlink_to(tmp_path / "from" / "a.txt")

    with pytest.raises(InputError, match=r"a\.txt is a link"):
        pull_tree(str(tmp_path / "place"), "first", tmp_path / "to")
    with pytest.raises(InputError, match=r"a\.txt is a link"):
        held_tree(tmp_path / "place" / "first")


def test_an_empty_folder_is_not_sent(where: str, tmp_path: Path) -> None:
    """Nor one that is not there."""
    (tmp_path / "from").mkdir()

    with pytest.raises(InputError, match=r"from holds no files, wanted at least one"):
        push_tree(tmp_path / "from", where, "first")
    with pytest.raises(InputError, match=r"absent cannot be listed \(No such file or directory\)"):
        push_tree(tmp_path / "absent", where, "first")


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    """What stands there and is no tree would be lost; an empty folder is taken."""
    push_tree(made(tmp_path / "from", FILES), str(tmp_path / "place"), "first")
    made(tmp_path / "mine", {"thesis.txt": b"years"})
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match=r"mine holds something else than a tree, and would be replaced"):
        pull_tree(str(tmp_path / "place"), "first", tmp_path / "mine")
    assert content(tmp_path / "mine") == {"thesis.txt": b"years"}
    assert pull_tree(str(tmp_path / "place"), "first", tmp_path / "empty").files == len(FILES)


def test_another_tree_takes_the_place_of_the_first(where: str, tmp_path: Path) -> None:
    """Nothing of the first is left."""
    push_tree(made(tmp_path / "one", FILES), where, "first")
    push_tree(made(tmp_path / "two", {"only": b"2"}), where, "second")
    pull_tree(where, "first", tmp_path / "to")
    pull_tree(where, "second", tmp_path / "to")

    assert content(tmp_path / "to").keys() == {"only", TREE}


def test_a_puller_that_is_killed_leaves_the_old_tree_whole(tmp_path: Path) -> None:
    """Killed after each of its files in turn."""
    where, to = str(tmp_path / "place"), tmp_path / "here" / "to"
    old = push_tree(made(tmp_path / "one", FILES), where, "first")
    push_tree(made(tmp_path / "two", {f"{n}": b"new" for n in range(4)}), where, "second")
    pull_tree(where, "first", to)
    for files in range(4):
        child = os.fork()
        if child == 0:
            _pull_until_killed(where, to, files)
        _, status = os.waitpid(child, 0)

        assert os.WTERMSIG(status) == 9
        assert held_tree(to).sha256 == old.sha256
    assert pull_tree(where, "second", to).files == 4


def _pull_until_killed(where: str, to: Path, files: int) -> None:
    """Die by SIGKILL when so many files are written."""
    written, replace = 0, os.link

    def link(source: Path, target: Path) -> None:
        nonlocal written
        if written == files:
            os.kill(os.getpid(), 9)
        written += 1
        replace(source, target)

    os.link = link  # type: ignore[assignment]
    pull_tree(where, "second", to)
    os._exit(1)


@given(
    files=st.dictionaries(
        st.text("abc/", min_size=1, max_size=5).filter(lambda name: all(name.split("/"))),
        st.binary(max_size=20),
        min_size=1,
        max_size=5,
    )
)
def test_equal_trees_have_equal_hashes_and_others_have_not(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the folder; one more byte anywhere is another hash."""
    names = list(files)
    if any(name.startswith(f"{other}/") for name in names for other in names):
        return
    root = tmp_path_factory.mktemp("law")
    first = push_tree(made(root / "one", files), str(root / "place"), "one")
    again = push_tree(made(root / "two", files), str(root / "place"), "two")
    (root / "two" / names[0]).write_bytes(files[names[0]] + b"!")
    other = push_tree(root / "two", str(root / "place"), "other")

    assert first.sha256 == again.sha256 != other.sha256
    assert first.bytes == sum(map(len, files.values())) == other.bytes - 1
