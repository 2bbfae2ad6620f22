"""Who a challenger and a champion are in a campaign's books: which decisions each made, with which share.

A version is named by its hash, as `churn-saver versions list` shows it; anything else is the label that
records have (a rung, and @hash of a trained policy), or a rung alone. Reads the registry, changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC

import numpy as np

from churn_saver.domain.logbook import Logbook
from churn_saver.domain.versions import Change, Role, Version, may_name
from churn_saver.errors import InputError
from churn_saver.evidence.decision_columns import Flags, Floats
from churn_saver.pipeline.gains import Sides
from churn_saver.store import Store


def sides_of(
    store: Store, log: Logbook, challenger: str, champion: str, share: float | None
) -> tuple[Sides, dict[str, str | None]]:
    """Find both.

    Args:
        store: Whose registry names versions.
        log: All decisions of the campaign.
        challenger: Its name.
        champion: Its name.
        share: Of the customers, the challenger's; None: as the registry has it of a version.

    Returns:
        Both, and the whole hash of each by `challenger_version` and `champion_version`; None: no version.

    Raises:
        VersionError: no version has this hash, or several begin so.
        InputError: a share outside (0, 1).
    """
    if share is not None and not 0 < share < 1:
        raise InputError(f"--share is {share:g}, wanted more than 0 and less than 1, such as 0.2")
    one, other = _version(store, challenger), _version(store, champion)
    drawn = None if share is None else np.full(len(log), share)
    if drawn is None and one is not None:
        drawn = _shares(log, [change for change in store.registry.changes() if change.version == one.digest])
    sides = Sides(challenger, champion, _made(log, challenger, one), _made(log, champion, other), drawn)
    return sides, {
        "challenger_version": None if one is None else one.digest,
        "champion_version": None if other is None else other.digest,
    }


def _version(store: Store, name: str) -> Version | None:
    return store.registry.find(name).version if may_name(name) else None


def _made(log: Logbook, name: str, version: Version | None) -> Flags:
    """Mark the decisions that it made, (n,)."""
    policies = np.array(log.policies, dtype=np.str_)
    if version is not None:
        models = np.array(log.models, dtype=np.str_)
        return np.asarray((policies == version.policy) & (models == version.models))
    return np.asarray((policies == name) | (np.char.partition(policies, "@")[:, 0] == name))


def _shares(log: Logbook, own: Sequence[Change]) -> Floats | None:
    """Give the share that a version had as challenger at each decision, (n,); None: it never was."""
    if not any(change.role is Role.CHALLENGER for change in own):
        return None
    since = np.array([change.at.astimezone(UTC).replace(tzinfo=None) for change in own], "datetime64[us]")
    share = np.array([np.nan, *(np.nan if one.share is None else one.share for one in own)])
    return np.asarray(share[np.searchsorted(since, log.decided_at, side="right")])
