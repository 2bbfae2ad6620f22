"""Versions of what decides: named by the hashes of their files, with the roles that they have had.

    shadow      is asked what it would have done, and decides nothing
    challenger  decides for a share of the customers, the same ones for as long as it has the role
    champion    decides for all others
    retired     had a role and has none

Each role but the last has one holder: a newcomer retires whoever held it. Changes are only ever added, so
that who held what, and when, can always be read. Knows no file and no database.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from churn_saver.domain.campaign import Campaign
from churn_saver.domain.plain import object_of
from churn_saver.errors import ArtifactError, VersionError, quoted

SHOWN_DIGITS = 12
"""Of a version's hash, where a person reads it."""
LABEL_DIGITS = 16
"""Of the hashes by which records and answers name predictors and policies."""
SCHEMA = 1
"""Raised when a reader of the old versions could no longer read the new ones."""
PREDICTORS, POLICY_ENDING = "MANIFEST.json", ".safetensors"
LEARNED = "uplift/"
"""Begins the names of learned effects, whose manifest is called as that of the predictors is."""
LEAST_DIGITS = 4
"""Of a hash by which a version may be named."""
_SHA256_DIGITS = 64
_HEX = frozenset("0123456789abcdef")


class Role(StrEnum):
    """What a version does."""

    SHADOW = "shadow"
    CHALLENGER = "challenger"
    CHAMPION = "champion"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Version:
    """What decides: a rung of the ladder, and every file that it decides with."""

    rung: str
    files: Mapping[str, str]
    """SHA-256 in hex by plain file name, that of learned effects behind `LEARNED`."""

    def __post_init__(self) -> None:
        """Refuse what could not be found again: names with folders, and hashes that are none."""
        for name, digest in self.files.items():
            plain = name.removeprefix(LEARNED)
            if not plain or "/" in plain or "\\" in plain or plain.startswith("."):
                raise ArtifactError(f"a version names the file {quoted(name)}, wanted one without folders")
            if not is_digest(digest):
                raise ArtifactError(f"a version names {name} with {quoted(digest)}, wanted a SHA-256 in hex")

    @classmethod
    def of(cls, content: str, origin: str) -> "Version":
        """Read what `content` wrote.

        Args:
            content: JSON.
            origin: Where it stands, for error messages.

        Raises:
            ArtifactError: it is no version, or of another schema.
        """
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ArtifactError(f"{origin} is not JSON ({error}), wanted a version") from error
        found = object_of(raw, ("files", "rung", "schema"), origin)
        files, rung = found["files"], found["rung"]
        if found["schema"] != SCHEMA:
            raise ArtifactError(
                f"{origin} has schema {quoted(str(found['schema']))}, wanted {SCHEMA}: it was written by "
                "another version of churn-saver. Register it again: churn-saver versions register"
            )
        if not isinstance(files, dict) or not isinstance(rung, str):
            raise ArtifactError(f"{origin} has files or a rung of another type, wanted an object and a text")
        return cls(rung, {str(name): str(digest) for name, digest in files.items()})

    @property
    def content(self) -> str:
        """All of it as canonical JSON."""
        plain = {"files": dict(self.files), "rung": self.rung, "schema": SCHEMA}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """Its name: SHA-256 of the content, hex."""
        return sha256(self.content.encode()).hexdigest()

    @property
    def models(self) -> str:
        """Version of the predictors, as records name it."""
        return self.files.get(PREDICTORS, "none")[:LABEL_DIGITS]

    @property
    def policy(self) -> str:
        """Who decides, as records name it: rung, and @version where it was trained."""
        trained = (POLICY_ENDING, LEARNED + PREDICTORS)
        found = [digest for name, digest in self.files.items() if name.endswith(trained)]
        return f"{self.rung}@{found[0][:LABEL_DIGITS]}" if found else self.rung


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a role."""

    version: str
    """SHA-256, hex."""
    role: Role
    at: datetime
    """Aware, UTC."""
    by: str
    """No person's name."""
    reason: str = ""
    share: float | None = None
    """Of the customers, of a challenger."""
    evidence: str | None = None
    """SHA-256 of the gate report that it was made on, hex; None: there was none."""
    is_back: bool = False
    """It takes a promotion back."""

    def __post_init__(self) -> None:
        """Refuse a challenger without a share, and a share of anybody else."""
        if self.role is not Role.CHALLENGER:
            if self.share is not None:
                raise VersionError(f"share is {self.share} of a {self.role}, wanted one of a challenger only")
        elif self.share is None or not 0.0 < self.share < 1.0:
            raise VersionError(
                f"share of the challenger is {self.share}, wanted more than 0 and less than 1, such as 0.1"
            )


@dataclass(frozen=True, slots=True)
class Roles:
    """Who has which role just now, by SHA-256 in hex; None: nobody."""

    champion: str | None = None
    """None: what settings and folders name decides, as if there were no registry."""
    challenger: str | None = None
    share: float = 0.0
    """Of the customers, of the challenger."""
    shadow: str | None = None

    def holder(self, role: Role) -> str | None:
        """Say who has a role; of the retired nobody is the one."""
        held = {
            Role.CHAMPION: self.champion,
            Role.CHALLENGER: self.challenger,
            Role.SHADOW: self.shadow,
        }
        return held.get(role)


def roles_of(changes: Sequence[Change]) -> Roles:
    """Say who has which role after all changes, oldest first."""
    last = {one.version: one for one in changes}
    held = {one.role: one for one in last.values()}

    def name(role: Role) -> str | None:
        return held[role].version if role in held else None

    share = held[Role.CHALLENGER].share if Role.CHALLENGER in held else None
    return Roles(name(Role.CHAMPION), name(Role.CHALLENGER), share or 0.0, name(Role.SHADOW))


def promoted(changes: Sequence[Change], wanted: Change) -> tuple[Change, ...]:
    """Give the changes that a promotion adds: whoever held the role is retired first.

    Args:
        changes: All so far, oldest first.
        wanted: The role that a version is to have.

    Raises:
        VersionError: it has it already, would leave the customers without a champion, or had no role.
    """
    roles = roles_of(changes)
    shown = wanted.version[:SHOWN_DIGITS]
    if wanted.version == roles.champion:
        what = "already" if wanted.role is Role.CHAMPION else f"and cannot become {wanted.role}"
        raise VersionError(
            f"version {shown} is the champion {what}. Promote another one first, or take it back: "
            "churn-saver rollback"
        )
    last = next((one for one in reversed(changes) if one.version == wanted.version), None)
    if last is None and wanted.role is Role.RETIRED:
        raise VersionError(f"version {shown} has no role that it could be retired from")
    if last is not None and (last.role, last.share) == (wanted.role, wanted.share):
        raise VersionError(f"version {shown} is {wanted.role} already, nothing was changed")
    holder = roles.holder(wanted.role)
    if holder is None or holder == wanted.version:
        return (wanted,)
    reason = f"{wanted.role} is {shown} now"
    return (Change(holder, Role.RETIRED, wanted.at, wanted.by, reason), wanted)


def rolled_back(changes: Sequence[Change], at: datetime, by: str, reason: str) -> tuple[Change, ...]:
    """Give the changes that go back to the champion before, once more back with each call.

    Before the first champion there was none: then what settings and folders name decides again.

    Raises:
        VersionError: there is no champion.
    """
    champions: list[str] = []
    for one in changes:
        if one.role is Role.CHAMPION and not one.is_back:
            champions.append(one.version)
        elif one.role is Role.RETIRED and one.is_back:
            champions.pop()
    if not champions:
        raise VersionError("no version is champion, so there is none to go back from")
    gone = Change(champions.pop(), Role.RETIRED, at, by, reason, is_back=True)
    if not champions:
        return (gone,)
    return (gone, Change(champions[-1], Role.CHAMPION, at, by, reason, is_back=True))


def is_challenged(customer_id: str, campaign: Campaign | None, version: str, share: float) -> bool:
    """Say whether a challenger decides for a customer: by keyed hash, always the same answer.

    A larger share only adds customers, a smaller one only takes some away. Another challenger, and another
    campaign, draw anew. Without a campaign nobody is contacted, whoever decides.
    """
    return campaign is not None and campaign.uniform("challenger", version, customer_id) < share


def is_digest(text: str) -> bool:
    """Say whether a text is a whole SHA-256 in hex."""
    return len(text) == _SHA256_DIGITS and set(text) <= _HEX


def may_name(text: str) -> bool:
    """Say whether a text may be the beginning of a version's hash; no rung is named so."""
    return len(text) >= LEAST_DIGITS and set(text.lower()) <= _HEX
