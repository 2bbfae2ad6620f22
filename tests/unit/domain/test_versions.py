"""Versions are named by what is in them; roles change by rules, and a share only ever grows or shrinks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.versions import (
    Change,
    Role,
    Roles,
    Version,
    is_challenged,
    may_name,
    promoted,
    roles_of,
    rolled_back,
)
from churn_saver.errors import ArtifactError, VersionError
from tests.builders import NOON, campaign

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
HASHES = {"MANIFEST.json": A, "ppo_policy_ppo.safetensors": B}


def change(version: str, role: Role, share: float | None = None) -> Change:
    """Want a role for a version."""
    return Change(version, role, NOON, "ops", share=share)


def after(*wanted: Change) -> tuple[Change, ...]:
    """Make promotions one after the other."""
    changes: tuple[Change, ...] = ()
    for one in wanted:
        changes += promoted(changes, one)
    return changes


def champion_of(changes: Sequence[Change]) -> str | None:
    """Say who is champion."""
    return roles_of(changes).champion


def test_a_version_is_named_by_its_content() -> None:
    """The SHA-256 of this very text; whatever order the files came in."""
    content = (
        '{"files":{"MANIFEST.json":"' + A + '","ppo_policy_ppo.safetensors":"' + B + '"},'
        '"rung":"ppo","schema":1}'
    )  # fmt: skip
    version = Version("ppo", dict(reversed(HASHES.items())))

    assert version.content == content
    assert version.digest == sha256(content.encode()).hexdigest()
    assert Version.of(content, "x") == version


def test_a_version_says_how_records_name_it() -> None:
    """Sixteen digits of the manifest, and of the policy's file or the learned effects' manifest."""
    assert (Version("ppo", HASHES).models, Version("ppo", HASHES).policy) == ("a" * 16, "ppo@" + "b" * 16)
    assert Version("uplift", {"MANIFEST.json": A, "uplift/MANIFEST.json": C}).policy == "uplift@" + "c" * 16
    assert (Version("never", {}).models, Version("never", {}).policy) == ("none", "never")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"../x": A}, "wanted one without folders"),
        ({"": A}, "wanted one without folders"),
        ({"uplift/": A}, "wanted one without folders"),
        ({".x": A}, "wanted one without folders"),
        ({"x": "ab"}, "x with 'ab', wanted a SHA-256 in hex"),
        ({"x": "A" * 64}, "wanted a SHA-256 in hex"),
    ],
)
def test_files_that_could_not_be_found_again_are_refused(files: dict[str, str], said: str) -> None:
    """No way out of the version's folder, no hash that is none."""
    with pytest.raises(ArtifactError, match=said):
        Version("knapsack", files)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "x is not JSON"),
        ("[]", "wanted an object"),
        ('{"files":{},"rung":"never"}', "x lacks schema"),
        ('{"files":{},"rung":"never","schema":2}', "x has schema '2', wanted 1"),
        ('{"files":[],"rung":"never","schema":1}', "wanted an object and a text"),
        ('{"files":{},"rung":1,"schema":1}', "wanted an object and a text"),
    ],
)
def test_what_is_no_version_is_refused(content: str, said: str) -> None:
    """Whatever stands there."""
    with pytest.raises(ArtifactError, match=said):
        Version.of(content, "x")


def test_each_role_has_one_holder() -> None:
    """A newcomer retires who held the role; a challenger that wins leaves its place free."""
    changes = after(
        change(A, Role.CHAMPION), change(B, Role.CHALLENGER, 0.1), change(C, Role.SHADOW),
        change(B, Role.CHAMPION), change(A, Role.SHADOW),
    )  # fmt: skip

    assert roles_of(changes) == Roles(champion=B, shadow=A)
    assert [(one.version[0], str(one.role)) for one in changes] == [
        ("a", "champion"), ("b", "challenger"), ("c", "shadow"),
        ("a", "retired"), ("b", "champion"), ("c", "retired"), ("a", "shadow"),
    ]  # fmt: skip


def test_a_share_is_changed_by_promoting_again() -> None:
    """The same challenger with more; nobody is retired for it."""
    changes = after(change(B, Role.CHALLENGER, 0.1), change(B, Role.CHALLENGER, 0.5))

    assert roles_of(changes) == Roles(challenger=B, share=0.5)
    assert len(changes) == 2


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (change(A, Role.CHAMPION), "is the champion already"),
        (change(A, Role.SHADOW), "is the champion and cannot become shadow"),
        (change(A, Role.RETIRED), "is the champion and cannot become retired"),
        (change(B, Role.CHALLENGER, 0.1), "is challenger already, nothing was changed"),
        (change(C, Role.RETIRED), "has no role that it could be retired from"),
    ],
)
def test_what_would_change_nothing_or_leave_nobody_is_refused(wanted: Change, said: str) -> None:
    """A is champion, B challenges with a tenth, C is new."""
    changes = after(change(A, Role.CHAMPION), change(B, Role.CHALLENGER, 0.1))

    with pytest.raises(VersionError, match=said):
        promoted(changes, wanted)


@pytest.mark.parametrize("share", [None, 0.0, 1.0, -0.1, float("nan")])
def test_a_challenger_has_a_share_between_none_and_all(share: float | None) -> None:
    """With all of the customers it would be the champion."""
    with pytest.raises(VersionError, match="wanted more than 0 and less than 1"):
        change(A, Role.CHALLENGER, share)


def test_nobody_else_has_a_share() -> None:
    """A champion has whom the challenger leaves."""
    with pytest.raises(VersionError, match=r"share is 0\.5 of a champion"):
        change(A, Role.CHAMPION, 0.5)


def test_each_rollback_goes_one_champion_further_back() -> None:
    """A, B, C, then back: B, then A, then nobody; never forth to what was taken back."""
    changes = after(*(change(one, Role.CHAMPION) for one in (A, B, C)))
    found = []
    for _ in range(3):
        changes += rolled_back(changes, NOON, "ops", "bad")
        found.append(champion_of(changes))

    assert found == [B, A, None]
    with pytest.raises(VersionError, match="no version is champion"):
        rolled_back(changes, NOON, "ops", "bad")


def test_after_a_rollback_a_promotion_can_be_taken_back_to_the_same_place() -> None:
    """A, B, back to A, C, back: A again, since B was taken back."""
    changes = after(change(A, Role.CHAMPION), change(B, Role.CHAMPION))
    changes += rolled_back(changes, NOON, "ops", "bad")
    changes += promoted(changes, change(C, Role.CHAMPION))
    changes += rolled_back(changes, NOON, "ops", "bad")

    assert champion_of(changes) == A


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from([*Role, None])), max_size=30))
def test_there_is_never_more_than_one_of_a_kind(steps: list[tuple[str, Role | None]]) -> None:
    """Whatever is promoted or rolled back in whatever order: each role has one holder at most."""
    changes: tuple[Change, ...] = ()
    for version, role in steps:
        try:
            if role is None:
                changes += rolled_back(changes, NOON, "ops", "")
            else:
                share = 0.5 if role is Role.CHALLENGER else None
                changes += promoted(changes, change(version, role, share))
        except VersionError:
            continue
        last = {one.version: one.role for one in changes}
        held = [role for role in last.values() if role is not Role.RETIRED]
        assert len(held) == len(set(held))


@given(seed=st.integers(0, 10_000), low=st.floats(0.001, 0.999), high=st.floats(0.001, 0.999))
def test_a_growing_share_moves_nobody_back(seed: int, low: float, high: float) -> None:
    """Whom the challenger decides for at a share it decides for at every larger one."""
    low, high = min(low, high), max(low, high)
    own = campaign(salt=f"salt {seed}")
    few, many = (
        {i for i in range(200) if is_challenged(f"C{i}", own, A, share)} for share in (low, high)
    )  # fmt: skip

    assert few <= many


def test_a_share_is_the_share() -> None:
    """A tenth of 20,000 is 2,000, give or take four standard errors of 42."""
    found = sum(is_challenged(f"C{i}", campaign(), A, 0.1) for i in range(20_000))

    assert abs(found - 2_000) < 4 * 42.5


def test_another_challenger_or_campaign_draws_anew() -> None:
    """Else the same customers would be tried upon for ever: of 20,000 a hundredth is in both tenths."""
    ids = [f"C{i}" for i in range(20_000)]
    own, other = campaign(), campaign(salt="another")
    first = {one for one in ids if is_challenged(one, own, A, 0.1)}

    for second in (
        {one for one in ids if is_challenged(one, own, B, 0.1)},
        {one for one in ids if is_challenged(one, other, A, 0.1)},
    ):
        assert abs(len(first & second) - 200) < 4 * 14.1
    # Nor does it follow the holdout's draw.
    held = {one for one in ids if replace(own, holdout_share=0.1).holds_out(one)}
    assert abs(len(first & held) - 200) < 4 * 14.1


def test_without_a_campaign_nobody_is_challenged() -> None:
    """There is no contact to decide about."""
    assert not is_challenged("C1", None, A, 0.999)


def test_the_last_change_of_a_version_is_its_role() -> None:
    """In the order in which they were made, whatever their moments say."""
    early = Change(B, Role.CHAMPION, NOON - timedelta(days=1), "ops")

    assert champion_of([change(B, Role.SHADOW), early]) == B


@pytest.mark.parametrize(
    ("name", "told"),
    [("0a1b", True), ("ABCDEF", True), ("abc", False), ("knapsack", False), ("ppo@12", False)],
)
def test_names_of_versions_are_hex_digits(name: str, told: bool) -> None:
    """Four or more; no rung is named so."""
    assert may_name(name) is told
