"""Who a challenger and a champion are, by label and by version, with the share that was drawn with."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from churn_saver.domain.logbook import Logbook
from churn_saver.domain.versions import Role, Version
from churn_saver.errors import InputError, VersionError
from churn_saver.pipeline.sides import sides_of
from churn_saver.store import Store, open_store
from tests.builders import NOON
from tests.logbooks import logbook

OLD, NEW = (Version("knapsack", {"MANIFEST.json": sign * 64}) for sign in "ab")
DAY = timedelta(days=1)


@pytest.fixture
def books(database_url: str) -> Iterator[Store]:
    """Open books in which two versions of one rung are registered."""
    with open_store(database_url) as store:
        for version in (OLD, NEW):
            store.registry.register(version, "", "test", NOON)
        yield store


def rows(*pairs: tuple[str, str]) -> Logbook:
    """Give decisions by policy and predictors, one a day from NOON on."""
    return logbook(
        [
            {"policy": policy, "models": models, "decided_at": day}
            for day, (policy, models) in enumerate(pairs)
        ]
    )


def test_a_rung_is_found_under_its_name_and_under_its_label(books: Store) -> None:
    """`ppo` made what `ppo@1` and `ppo@2` made; `ppo@2` only its own; `ppo_nine` is another."""
    log = rows(("ppo@1", "m"), ("ppo@2", "m"), ("ppo_nine@1", "m"), ("knapsack", "m"))

    by_rung, _ = sides_of(books, log, "ppo", "knapsack", None)
    by_label, versions = sides_of(books, log, "ppo@2", "greedy", 0.2)

    assert by_rung.by_challenger.tolist() == [True, True, False, False]
    assert by_rung.by_champion.tolist() == [False, False, False, True]
    assert by_rung.share is None
    assert by_label.by_challenger.tolist() == [False, True, False, False]
    assert not by_label.by_champion.any()
    assert by_label.share is not None
    assert by_label.share.tolist() == [0.2] * 4
    assert versions == {"challenger_version": None, "champion_version": None}


def test_a_version_is_a_rung_with_its_predictors(books: Store) -> None:
    """Both are the knapsack; only the predictors tell them apart."""
    log = rows(("knapsack", "a" * 16), ("knapsack", "b" * 16), ("knapsack", "none"))

    found, versions = sides_of(books, log, NEW.digest[:12], OLD.digest, None)

    assert found.by_challenger.tolist() == [False, True, False]
    assert found.by_champion.tolist() == [True, False, False]
    assert found.share is None
    assert versions == {"challenger_version": NEW.digest, "champion_version": OLD.digest}


def test_a_challengers_share_is_read_off_the_registry_as_it_grew(books: Store) -> None:
    """A tenth from day 1 on, a half from day 3 on, champion on day 5: decisions on days 0 to 5."""
    registry = books.registry
    registry.promote(NEW.digest, Role.CHALLENGER, "test", NOON + DAY / 2, share=0.1)
    registry.promote(NEW.digest, Role.CHALLENGER, "test", NOON + 2.5 * DAY, share=0.5)
    registry.promote(NEW.digest, Role.CHAMPION, "test", NOON + 4.5 * DAY)

    found, _ = sides_of(books, rows(*[("knapsack", "b" * 16)] * 6), NEW.digest, OLD.digest, None)

    assert found.share is not None
    np.testing.assert_array_equal(found.share, [np.nan, 0.1, 0.1, 0.5, 0.5, np.nan])


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(books: Store, share: float) -> None:
    """Nobody, or everybody, is no comparison."""
    with pytest.raises(InputError, match=r"--share is .*, wanted more than 0 and less than 1, such as 0\.2"):
        sides_of(books, rows(("a", "m")), "a", "b", share)


def test_a_version_that_nobody_registered_is_refused(books: Store) -> None:
    """It would compare nobody."""
    with pytest.raises(VersionError, match="is not registered"):
        sides_of(books, rows(("a", "m")), "0" * 12, "b", None)
