"""A log whose rows are all usable, or a message that names those that are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError, TableError
from churn_saver.evidence.logged import Logged
from tests.offpolicy_logs import log_of


def columns(rows: int = 4) -> dict[str, np.ndarray]:
    """Give the columns of a log without fault, three arms."""
    return {
        "unit": np.arange(rows),
        "arm": np.zeros(rows, dtype=np.int64),
        "propensity": np.full(rows, 0.5),
        "allowed": np.ones((rows, 3), dtype=np.bool_),
        "reward": np.ones(rows),
        "features": np.zeros((rows, 2), dtype=np.float32),
    }


def built(given_columns: dict[str, np.ndarray], source: str = "log") -> Logged:
    """Check columns."""
    return Logged.checked(**given_columns, source=source)


def with_cell(column: str, row: int, value: float) -> dict[str, np.ndarray]:
    """Give those columns with one value changed."""
    given_columns = columns()
    given_columns[column][row] = value
    return given_columns


def test_a_log_keeps_what_it_was_given() -> None:
    """Types are made one, values stay, a missing feature stays missing."""
    given_columns = columns() | {"arm": np.array([0, 1, 2, 1], dtype=np.int8)}
    given_columns["features"][1, 1] = np.nan

    log = built(given_columns)

    assert (len(log), log.arms, log.estimated_propensities) == (4, 3, False)
    assert log.arm.tolist() == [0, 1, 2, 1]
    assert log.arm.dtype == np.int64
    assert np.isnan(log.features).tolist() == [[False, False], [False, True], [False, False], [False, False]]


def test_rewards_of_0_and_1_are_told_from_money() -> None:
    """A reward of 0.5 is money."""
    assert log_of([0, 1], [0.5, 0.5], [0, 1]).is_binary
    assert not log_of([0, 1], [0.5, 0.5], [0, 0.5]).is_binary


def test_rows_can_be_taken() -> None:
    """By number or by flag; all columns together, a log without propensities too."""
    log = log_of([0, 1, 1], [0.2, 0.8, 0.6], [1, 2, 3], unit=[7, 8, 9])

    by_number, by_flag = log.taken(np.array([2, 0])), log.taken(np.array([False, True, False]))

    assert by_number.unit.tolist() == [9, 7]
    assert by_number.propensity is not None
    assert by_number.propensity.tolist() == [0.6, 0.2]
    assert (by_flag.arm.tolist(), by_flag.reward.tolist(), by_flag.features.tolist()) == ([1], [2], [[1]])
    assert log_of([0, 1], None, [0, 1]).taken(np.array([0])).propensity is None


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("arm", 3, r"log:4: column 'arm' is '3', wanted an arm from 0 to 2"),
        ("arm", -1, r"log:4: column 'arm' is '-1', wanted an arm from 0 to 2"),
        (
            "propensity",
            0.0,
            r"log:4: column 'propensity' is '0\.0', wanted a probability above 0 and at most 1",
        ),
        ("propensity", 1.5, r"log:4: column 'propensity' is '1\.5', wanted a probability above 0"),
        ("propensity", np.nan, r"log:4: column 'propensity' is 'nan', wanted a probability above 0"),
        ("reward", np.nan, r"log:4: column 'reward' is 'nan', wanted a number; an outcome still pending"),
        ("features", np.inf, r"log:4: column 'features' is 'inf', wanted finite numbers, NaN where missing"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(column: str, value: float, message: str) -> None:
    """Row 2 is line 4: line 1 would be the header; the last line says what to do."""
    with pytest.raises(TableError, match=message) as caught:
        built(with_cell(column, 2, value))

    assert str(caught.value).endswith("a row dropped in silence bends every value.")


def test_a_feature_too_large_to_keep_is_named() -> None:
    """1e300 is no float32."""
    large = columns() | {"features": np.full((4, 1), 1.0)}
    large["features"][1] = 1e300

    with pytest.raises(TableError, match=r"log:3: column 'features' is 'inf', wanted finite numbers"):
        built(large)


def test_an_arm_that_was_not_allowed_is_named() -> None:
    """Either the gate or the arm is wrong; which one the log cannot know."""
    barred = columns()
    barred["allowed"][1, 0] = False

    with pytest.raises(
        TableError, match=r"log:3: column 'arm' is '0', wanted one of the arms that its row allows"
    ):
        built(barred)


def test_the_only_arm_left_has_probability_1() -> None:
    """With one arm allowed, 0.5 was recorded wrongly; 1 is fine."""
    alone = columns()
    alone["allowed"][3, 1:] = False

    with pytest.raises(
        TableError, match=r"log:5: column 'propensity' is '0\.5', wanted 1, since its row allows"
    ):
        built(alone)

    alone["propensity"][3] = 1.0
    assert len(built(alone)) == 4


def test_a_decision_that_stands_twice_is_named() -> None:
    """The second and third of the same number are at fault, the first is not; numbers are told whole."""
    twice = np.array([1_234_567, 8, 1_234_567, 1_234_567])

    with pytest.raises(TableError, match=r"decision' is '1234567', wanted each decision once") as caught:
        built(columns() | {"decision": twice})

    assert [fault.line for fault in caught.value.faults] == [4, 5]


def test_an_outcome_before_its_decision_is_named() -> None:
    """At the same moment is fine; a moment that is none is named as well."""
    decided, outcome = np.array([10.0, 10.0, 10.0, np.nan]), np.array([10.0, 9.0, 11.0, 12.0])

    with pytest.raises(
        TableError, match=r"log:3: column 'outcome_at' is '9\.0', wanted a moment not before"
    ) as caught:
        built(columns() | {"decided_at": decided, "outcome_at": outcome})

    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (3, "outcome_at"),
        (5, "decided_at"),
    ]


def test_all_faults_are_told_at_once_and_counted() -> None:
    """300 rows without a reward: the first ten stand in the message, the rest is counted, none is dropped."""
    many = columns(300)
    many["reward"][:] = np.nan
    many["arm"][0] = 9

    with pytest.raises(TableError, match=r"\.\.\. and 291 more") as caught:
        built(many, "2026.csv")

    assert [str(fault)[:11] for fault in caught.value.faults[:3]] == [
        "2026.csv:2:",
        "2026.csv:2:",
        "2026.csv:3:",
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"reward": np.ones(3)},
            r"log: reward has shape \(3,\), wanted \(4,\), one row for each of the 4 arms",
        ),
        ({"features": np.ones(4)}, r"log: features has shape \(4,\), wanted \(4, any\)"),
        ({"arm": np.ones(4)}, r"log: arm is of type float64, wanted whole numbers: code it"),
        ({"unit": np.array(["a"] * 4)}, r"log: unit is of type <U1, wanted whole numbers: code it"),
        ({"allowed": np.ones((4, 1), dtype=bool)}, r"log: allowed has 1 arms, wanted two or more"),
        ({"arm": np.array([], dtype=np.int64)}, r"log has arms of shape \(0,\), wanted at least one row"),
    ],
)
def test_columns_that_do_not_fit_are_refused(changed: dict[str, np.ndarray], message: str) -> None:
    """Columns of other rows, or of another kind, are no row's fault."""
    with pytest.raises(InputError, match=message):
        built(columns() | changed)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20))
def test_a_propensity_is_taken_or_named(values: list[float]) -> None:
    """Whatever stands there: the rows named are exactly those outside (0, 1]."""
    wrong = [row + 2 for row, value in enumerate(values) if not 0 < value <= 1]
    given_columns = columns(len(values)) | {"propensity": np.array(values)}

    try:
        built(given_columns)
        named = []
    except TableError as error:
        named = [fault.line for fault in error.faults]

    assert named == wrong
