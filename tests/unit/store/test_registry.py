"""The registry: versions once each, roles one after the other, all of it in the audit chain."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from churn_saver.domain.versions import Role, Roles, Version
from churn_saver.errors import LedgerError, VersionError
from churn_saver.store import Store, open_store
from tests.builders import NOON
from tests.statements import executed
from tests.unit.store.batches import DAY

A, B, C = (Version("knapsack", {"MANIFEST.json": sign * 64}) for sign in "abc")
BY = "command line"


@pytest.fixture
def books(store: Store) -> Store:
    """Give books in which three versions are registered."""
    for number, version in enumerate((A, B, C)):
        store.registry.register(version, f"number {number}", BY, NOON)
    return store


def test_at_first_nobody_has_a_role(store: Store) -> None:
    """What settings and folders name decides."""
    assert (list(store.registry.list()), store.control().roles) == ([], Roles())


def test_a_version_is_registered_once(store: Store, url: str) -> None:
    """Whoever comes second with the same files is told so; every process reads it as it was written."""
    first = store.registry.register(A, "the first", BY, NOON)
    again = store.registry.register(A, "another note", BY, NOON + DAY)
    with open_store(url) as other:
        (found,) = other.registry.list()

    assert (first, again) == (True, False)
    assert (found.version, found.note, found.by, found.registered_at) == (A, "the first", BY, NOON)
    assert store.verify_chain(None).rows == 4  # two where the chains begin, the campaign, the version


def test_a_version_is_found_by_the_beginning_of_its_name(books: Store) -> None:
    """Four digits do where they tell it from the others."""
    assert books.registry.find(B.digest[:4].upper()).version == B


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("abc", "at least 4 hex digits"),
        ("knapsack", "at least 4 hex digits"),
        ("0" * 12, "is not registered: [0-9a-f]{12}, [0-9a-f]{12}, [0-9a-f]{12}. See churn-saver versions"),
    ],
)
def test_what_names_no_version_is_refused(books: Store, name: str, said: str) -> None:
    """With those that there are."""
    with pytest.raises(VersionError, match=said):
        books.registry.find(name)


def test_a_beginning_of_several_is_refused(store: Store) -> None:
    """Versions are tried until two begin alike: the shorter name could be either."""
    made: dict[str, Version] = {}
    for number in range(100_000):
        one = Version("knapsack", {"MANIFEST.json": f"{number:064x}"})
        if (other := made.setdefault(one.digest[:4], one)) is not one:
            break
    for version in (one, other):
        store.registry.register(version, "", BY, NOON)

    with pytest.raises(VersionError, match="could be any of 2"):
        store.registry.find(one.digest[:4])


def test_every_process_reads_who_has_which_role(books: Store, url: str) -> None:
    """Beside the switches, in the one statement that they take."""
    books.registry.promote(A.digest, Role.CHAMPION, BY, NOON, reason="first", evidence="e" * 64)
    books.registry.promote(B.digest[:12], Role.CHALLENGER, BY, NOON, share=0.25)
    books.registry.promote(C.digest, Role.SHADOW, BY, NOON + DAY)
    books.set_control(baseline=True, stopped=False, by=BY, now=NOON)
    with open_store(url) as other, executed() as statements:
        found = other.control()
    (first, *_) = books.registry.changes()

    assert found.roles == Roles(A.digest, B.digest, 0.25, C.digest)
    assert (found.baseline, found.changed_at) == (True, NOON)
    assert len(statements) == 1
    assert (first.version, first.role, first.reason, first.evidence, first.at) == (
        A.digest, Role.CHAMPION, "first", "e" * 64, NOON,
    )  # fmt: skip
    books.verify_chain(None)


def test_a_newcomer_retires_the_champion_and_a_rollback_brings_it_back(books: Store) -> None:
    """A, then B, then back: A; back once more: nobody, and then there is no way back."""
    books.registry.promote(A.digest, Role.CHAMPION, BY, NOON)
    second = books.registry.promote(B.digest, Role.CHAMPION, BY, NOON)
    third = books.registry.roll_back("night shift", NOON + DAY, "spends too much")
    fourth = books.registry.roll_back("night shift", NOON + DAY, "this one too")
    told = [(one.version, str(one.role), one.by, one.reason, one.is_back) for one in books.registry.changes()]

    assert [one.champion for one in (second, third, fourth)] == [B.digest, A.digest, None]
    assert told == [
        (A.digest, "champion", BY, "", False),
        (A.digest, "retired", BY, f"champion is {B.digest[:12]} now", False),
        (B.digest, "champion", BY, "", False),
        (B.digest, "retired", "night shift", "spends too much", True),
        (A.digest, "champion", "night shift", "spends too much", True),
        (A.digest, "retired", "night shift", "this one too", True),
    ]
    with pytest.raises(VersionError, match="no version is champion"):
        books.registry.roll_back(BY, NOON, "")
    # Two where the chains begin, the campaign, three versions, six changes; what was refused left none.
    assert books.verify_chain(None).rows == 12


def test_two_who_promote_at_once_leave_one_champion(books: Store, url: str) -> None:
    """Ten times each from two processes: every change finds the one before, and the chain holds."""
    ready, refused = threading.Barrier(2), list[str]()

    def promote(version: Version) -> None:
        with open_store(url) as own:
            ready.wait(60)
            for _ in range(10):
                try:
                    own.registry.promote(version.digest, Role.CHAMPION, BY, NOON)
                except VersionError as error:
                    refused.append(str(error))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(promote, one) for one in (A, B)]:
            done.result()
    held = 0
    for one in books.registry.changes():
        held += {Role.CHAMPION: 1, Role.RETIRED: -1}[one.role]
        assert held in (0, 1)

    assert held == 1
    assert all("is the champion already" in one for one in refused)
    assert books.control().roles.champion in (A.digest, B.digest)
    books.verify_chain(None)


@pytest.mark.parametrize("by", ["", " ", "x" * 65])
def test_a_change_is_made_by_somebody(books: Store, by: str) -> None:
    """Without a name that fits nothing changes."""
    for change in (
        lambda: books.registry.register(Version("never", {}), "", by, NOON),
        lambda: books.registry.promote(A.digest, Role.CHAMPION, by, NOON),
        lambda: books.registry.roll_back(by, NOON, ""),
    ):
        with pytest.raises(VersionError, match="wanted a name of 1 to 64 characters"):
            change()

    assert (len(books.registry.list()), books.control().roles) == (3, Roles())


def test_a_reason_has_an_end(books: Store) -> None:
    """Nobody keeps a book in it."""
    with pytest.raises(VersionError, match="501 characters, wanted at most 500"):
        books.registry.promote(A.digest, Role.CHAMPION, BY, NOON, reason="x" * 501)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("UPDATE roles SET share = 0.5 WHERE share IS NOT NULL", "the roles of versions do not stand"),
        ("DELETE FROM roles WHERE role = 'challenger'", "the roles of versions do not stand"),
        ("UPDATE versions SET content = replace(content, 'knapsack', 'random')", "the registered versions"),
        ("UPDATE versions SET registered_by = 'nobody'", "the registered versions do not stand"),
    ],
)
def test_what_is_edited_by_hand_is_found(books: Store, edit: str, said: str) -> None:
    """The audit chain tells of every version and every role."""
    books.registry.promote(A.digest, Role.CHAMPION, BY, NOON)
    books.registry.promote(B.digest, Role.CHALLENGER, BY, NOON, share=0.25)
    books.verify_chain(None)
    books.database.write(lambda connection: connection.execute(text(edit)))

    with pytest.raises(LedgerError, match=said):
        books.verify_chain(None)
