"""One look at a campaign: quiet where nothing is off, and loud about what is planted."""

from datetime import timedelta

import polars as pl
import pytest

from churn_saver.config import FairColumn
from churn_saver.evidence.watch import Reference, Side, Watch, watch
from tests.builders import NOON
from tests.logbooks import logbook
from tests.watched_campaigns import ANSWER_DAYS, LOOK, settings, sound

FIRST_DAYS = Reference("days 0 to 13", 0, 14)
LOOKS = 40


def look(customers: int, seed: int, **planted: float) -> Watch:
    """Look at a drawn campaign at its end."""
    return watch(sound(customers, seed, **planted), LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})


@pytest.mark.slow
def test_campaigns_in_which_nothing_is_off_are_quiet() -> None:
    """Forty of 700 customers, all checks at once: at most 5 in 100 may alarm.

    At just that rate more than five of forty alarm once in 72 such tests.
    """
    alarms = [look(700, seed).alarms for seed in range(LOOKS)]

    assert sum(bool(one) for one in alarms) <= 5, alarms


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ({"spend_shift": 30.0}, "monthly_spend has moved"),
        ({"more_churn": 0.25}, "churn risk is off"),
        ({"fewer_accept": 0.2}, "accept prob is off"),
        ({"unsent": 0.4}, "contacts went out, wanted 90 % at least"),
        ({"fewer_female": 0.25}, "gender: contact rate of female is"),
    ],
)
def test_what_is_planted_is_named(planted: dict[str, float], said: str) -> None:
    """Each in a campaign of 1,200, among the alarms of that look."""
    found = look(1_200, 1, **planted)

    assert not found.is_quiet
    assert any(said in line for line in found.alarms), found.alarms


def test_an_override_turns_alarms_of_fairness_into_notes() -> None:
    """In the words of who decided; other alarms stay."""
    log = sound(1_200, 1, fewer_female=0.25, unsent=0.4)
    why = "Agreed in writing by legal on 3 March"

    found = watch(log, LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {}, why)

    assert any("contacts went out" in line for line in found.alarms)
    assert not any("gender" in line for line in found.alarms)
    assert any(line.endswith(f"overridden: {why}") and "female" in line for line in found.notes)
    assert found.gate.is_open


def test_a_column_that_is_not_found_keeps_the_gate_shut() -> None:
    """It is in watch.yaml, no input and in no table: nobody can tell of its groups."""
    own = settings()
    wished = own.model_copy(update={"fairness": (*own.fairness, FairColumn(column="city", bound=0.1))})

    found = watch(sound(400, 1), LOOK, wished, ANSWER_DAYS, FIRST_DAYS, {})

    assert "city: not found" in found.gate.unknown
    assert not found.gate.is_open


def test_a_young_campaign_has_nothing_to_compare() -> None:
    """Its first days are the reference, and cannot be today as well."""
    log = logbook([{"decided_at": 1.0 + day} for day in range(5)])

    found = watch(log, NOON + timedelta(days=7), settings(), ANSWER_DAYS, FIRST_DAYS, {})

    assert found.drift is None
    assert "drift is not judged: there are no decisions since day 14" in found.notes
    assert found.is_quiet


def test_a_campaign_without_decisions_is_quiet_and_tells_nothing() -> None:
    """Opened a moment ago: no figure, no alarm, and a reason for each."""
    found = watch(logbook([]), NOON, settings(), ANSWER_DAYS, FIRST_DAYS, {})

    assert (found.decisions, found.customers, found.drift) == (0, 0, None)
    assert found.is_quiet
    assert "churn risk: no outcome is due yet" in found.notes
    assert "drift is not judged: there are no decisions in the reference, days 0 to 13" in found.notes


def test_a_reference_without_decisions_is_said() -> None:
    """The campaign's days 20 to 29, of which there are none."""
    log = logbook([{"decided_at": 40.0}])

    found = watch(log, NOON + timedelta(days=41), settings(), ANSWER_DAYS, Reference("then", 20, 30), {})

    assert "drift is not judged: there are no decisions in the reference, then" in found.notes


def test_a_table_can_be_the_reference() -> None:
    """Held against the last 14 days; who people are may be missing in decisions, an input may not."""
    log = sound(600, 2)
    table = pl.DataFrame(
        {
            "monthly_spend": [40 + 60 * k / 500 for k in range(500)],
            "support_tickets": [1.0, 2.0] * 250,
            "dependents": [0.0, 1.0] * 250,
            "total_charges": pl.Series([None] * 500, dtype=pl.Float64),
        }
    )

    found = watch(log, LOOK, settings(), ANSWER_DAYS, Reference("a table", table=table), {})

    assert found.drift is not None
    assert [one.column for one in found.drift.columns] == ["monthly_spend"]
    assert found.drift.went == ("support_tickets",)
    assert found.alarms == ("support_tickets is gone: no decision of the window has it",)


def test_columns_beside_the_books_group_customers_too() -> None:
    """By customer id; who is in no row is missing, which is a group. What no setting names is told."""
    log = logbook([{"choice": place % 2} for place in range(80)])
    side: Side = {"region": {f"C{place:05d}": "north" for place in range(40)}, "hobby": {}}
    wanted = settings().model_copy(update={"fairness": (FairColumn(column="region", bound=0.05),)})

    found = watch(log, NOON + timedelta(days=1), wanted, ANSWER_DAYS, FIRST_DAYS, side)

    groups = found.treatment[0].found[0].groups
    assert [(one.group, one.customers, one.value.value) for one in groups] == [
        ("(missing)", 40, 0.5),
        ("north", 40, 0.5),
    ]
    assert "hobby: in the table of columns, but not in watch.yaml" in found.notes


def test_columns_that_nobody_knows_and_customers_who_were_erased_are_noted() -> None:
    """Neither is an alarm, and neither is silent."""
    log = logbook([{}, {"features": None}])

    found = watch(log, NOON + timedelta(days=1), settings(), ANSWER_DAYS, FIRST_DAYS, {})

    assert found.erased == 1
    assert "the customers of 1 of 2 decisions were erased since" in found.notes
    assert "gender: no input of these decisions and in no table of columns" in found.notes
    assert found.is_quiet
