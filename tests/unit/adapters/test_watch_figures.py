"""A look as JSON and as metrics."""

import json
from functools import cache

import pytest
from prometheus_client.parser import text_string_to_metric_families

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.watch_figures import watch_lines, watch_metrics, watch_values
from churn_saver.evidence.watch import Reference, Watch, watch
from tests.logbooks import logbook
from tests.watched_campaigns import ANSWER_DAYS, LOOK, settings, sound

FIRST_DAYS = Reference("days 0 to 13", 0, 14)


@cache
def _look() -> Watch:
    log = sound(500, 4, spend_shift=40.0, fewer_female=0.28)
    return watch(log, LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})


def _metrics(look: Watch) -> dict[tuple[str, ...], float]:
    """Read the text back as Prometheus does, by name and labels."""
    families = text_string_to_metric_families(watch_metrics(look).decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_json_holds_every_figure_and_no_number_that_is_none() -> None:
    """It can be written without NaN, and says what a program asks first."""
    values = json.loads(canonical(watch_values(_look())))

    assert values["is_quiet"] is False
    assert values["at"] == LOOK.isoformat()
    assert [one["verdict"] in ("holds", "off", "cannot tell") for one in values["calibrations"]] == [
        True,
        True,
    ]
    assert values["delivery"]["verdict"] == _look().delivery.verdict
    assert values["gate"]["is_open"] is False
    assert len(values["drift"]["columns"]) == len(_look().drift.columns)  # type: ignore[union-attr]


def test_metrics_are_what_was_found() -> None:
    """Read back by Prometheus' own parser, with the figures of the look."""
    look, found = _look(), _metrics(_look())
    assert look.drift is not None
    spend = next(one for one in look.drift.columns if one.column == "monthly_spend")

    assert found["churn_saver_watch_alarms", "spring"] == len(look.alarms) > 0
    assert found["churn_saver_watch_time_seconds", "spring"] == LOOK.timestamp()
    assert found["churn_saver_watch_psi", "spring", "monthly_spend"] == spend.psi
    assert found["churn_saver_watch_moved", "spring", "monthly_spend"] == 1.0
    assert found["churn_saver_watch_moved", "spring", "tenure_months"] == 0.0
    assert found["churn_saver_watch_delivered_share", "spring"] == 1.0
    assert found["churn_saver_watch_outcomes", "spring", "churn_risk", "early"] == look.calibrations[0].early
    assert found["churn_saver_watch_group_worse", "spring", "gender", "female", "contact_rate"] == 1.0


def _two_deciles() -> Watch:
    """Give forty contacts, twenty at 10 % and twenty at 50 %, of which two and fifteen were accepted."""
    rows = [
        {
            "decided_at": 1.0, "choice": 1, "sent_at": 0.25, "accept_prob": 0.1 if place < 20 else 0.5,
            "accepted_at": 1.0 if place < 2 or 20 <= place < 35 else None,
        }
        for place in range(40)
    ]  # fmt: skip
    return watch(logbook(rows), LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})


def test_a_decile_is_what_was_predicted_and_what_happened() -> None:
    """Equal predictions stay together, so there are two deciles: .1 against 2/20, .5 against 15/20."""
    found = _metrics(_two_deciles())

    def shown(part: str, what: str) -> float:
        return found["churn_saver_watch_decile", "spring", part, "accept_prob", what]

    assert [shown("1", "predicted"), shown("2", "predicted")] == pytest.approx([0.1, 0.5])
    assert [shown("1", "happened"), shown("2", "happened")] == pytest.approx([0.1, 0.75])
    assert shown("2", "low") < 0.75 < shown("2", "high")
    assert found["churn_saver_watch_decile_customers", "spring", "2", "accept_prob"] == 20


def test_lines_say_the_same_as_the_metrics() -> None:
    """One for the look, one for each column that was compared and for each decile; all can be written."""
    look = _two_deciles()
    lines = list(watch_lines(look))

    assert lines[0] == ("looked", {"campaign": "spring", "alarms": len(look.alarms), "decisions": 40})
    deciles = [fields for what, fields in lines if what == "decile" and fields["score"] == "accept_prob"]
    assert [(one["part"], one["happened"], one["rows"]) for one in deciles] == [
        ("1", 0.1, 20),
        ("2", 0.75, 20),
    ]
    drifted = [fields for what, fields in watch_lines(_look()) if what == "drift"]
    assert {one["column"] for one in drifted} >= {"monthly_spend", "churn_risk", "accept_prob"}
    assert json.loads(json.dumps(lines, allow_nan=False))


def test_what_is_not_known_is_absent() -> None:
    """No 0 that could be taken for a figure."""
    look = watch(logbook([{"decided_at": 55.0}]), LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})

    names = {name for name, *_ in _metrics(look)}
    assert "churn_saver_watch_decisions" in names
    assert not names & {
        "churn_saver_watch_psi", "churn_saver_watch_calibration_gap", "churn_saver_watch_delivered_share",
        "churn_saver_watch_group",
    }  # fmt: skip


def test_names_of_groups_cannot_break_the_text() -> None:
    """Quotes, backslashes and line ends in a table of columns are values like others."""
    odd = 'a "b" \\ \n c'
    log = logbook([{"choice": place % 2} for place in range(80)])
    side = {"gender": {f"C{place:05d}": odd for place in range(40)}}

    found = _metrics(watch(log, LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, side))

    assert found["churn_saver_watch_group", "spring", "gender", odd, "contact_rate"] == 0.5
