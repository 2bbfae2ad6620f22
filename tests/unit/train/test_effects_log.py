"""A log as what effects are learned from."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from churn_saver.adapters.log_files import LogFile
from churn_saver.errors import InputError
from churn_saver.evidence.logged import Logged
from churn_saver.pipeline.booked import ARMS, Asked, booked
from churn_saver.train.effects_log import of_file
from tests.builders import NOON
from tests.logbooks import logbook

NAMES = ("tenure_months", "churn_risk", "contract_type=Month-to-month", "contract_type=Two year", "shoe_size")
X = np.array(
    [[12, 0.25, 1, 0, 40], [24, 0.5, 0, 1, 41], [36, np.nan, np.nan, np.nan, 42], [48, 0.75, 1, 0, 43]],
    dtype=np.float32,
)


def file(arms: tuple[str, ...] = ("none", "10", "5"), **changes: Any) -> LogFile:
    """Give a log of four rows; the ladder's arms do not stand in its order."""
    plain: dict[str, Any] = {
        "unit": np.arange(4), "arm": np.array([0, 1, 2, 1]), "propensity": np.array([0.5, 0.25, 0.25, 0.25]),
        "allowed": np.ones((4, len(arms)), dtype=np.bool_), "reward": np.array([1.0, 0, 1, 1]), "features": X,
    }  # fmt: skip
    return LogFile(Logged.checked(**(plain | changes)), arms, NAMES, None, ("read somehow",))


def test_arms_stand_in_the_order_of_the_ladder() -> None:
    """None, 5 and 10 % are choices 0, 2 and 3; the rows keep what was done."""
    found = of_file(file())

    assert found.choices == (0, 2, 3)
    assert found.log.arm.tolist() == [0, 2, 1, 2]


def test_columns_are_those_that_the_service_knows() -> None:
    """Words become codes and one column each; the others are left out and named."""
    found = of_file(file())

    assert found.names == (
        "churn_risk", "tenure_months", "contract_type=month-to-month", "contract_type=one year",
        "contract_type=two year",
    )  # fmt: skip
    np.testing.assert_array_equal(
        found.log.features[:3],
        np.array(
            [[0.25, 12, 1, 0, 0], [0.5, 24, 0, 0, 1], [np.nan, 36, np.nan, np.nan, np.nan]], dtype=np.float32
        ),
    )
    assert found.notes == (
        "read somehow",
        "not inputs, since the service does not know them or must not: shoe_size",
    )
    assert found.bill_minor.tolist() == [0, 0, 0, 0]


def test_other_names_of_a_column_are_known_and_protected_ones_left_out() -> None:
    """As in every table of customers; a bill of 20.10 is 2,010, a word may be its code."""
    names = ("Tenure", "MonthlyCharges", "contract", "gender", "SeniorCitizen")
    x = np.array([[1, 20.1, 2, 0, 1]] * 4, dtype=np.float32)
    plain = file()

    found = of_file(replace(plain, features=names, log=replace(plain.log, features=x)))

    assert found.names[:2] == ("tenure_months", "monthly_spend")
    assert found.log.features[0].tolist() == pytest.approx([1, 20.1, 0, 0, 1])
    assert found.bill_minor.tolist() == [2_010] * 4
    assert "gender, SeniorCitizen" in found.notes[1]


def test_rows_of_a_certain_arm_are_left_out_and_counted() -> None:
    """Nobody could have got another; an arm that only they allowed is no arm any more."""
    allowed = np.array([[True, True, False], [True, True, False], [False, False, True], [True, True, False]])
    found = of_file(file(propensity=np.array([0.5, 0.25, 1, 0.25]), allowed=allowed))

    assert len(found.log) == 3
    assert found.choices == (0, 3)
    assert found.notes[-1] == "1 decisions left out whose arm was certain: they teach nothing of others"


@pytest.mark.parametrize(
    ("arms", "changes", "message"),
    [
        (("none", "10", "email"), {}, r"has arm 'email', wanted none, 0, 5, 10, 15"),
        (("0", "10", "5"), {}, r"has no arm none, wanted none among its arms"),
        (("none", "10", "5"), {"reward": np.array([1.0, 0, 1, 7])}, r"rewards other than 0 and 1"),
        (("none", "10", "5"), {"propensity": None}, r"no propensity, .*exploration_share in serve\.yaml"),
        (("none", "10", "5"), {"propensity": np.ones(4)}, r"in all 4 rows .* the arm was certain"),
    ],
)
def test_a_log_that_teaches_nothing_is_refused(arms: tuple[str, ...], changes: Any, message: str) -> None:
    """It says what is wanted."""
    with pytest.raises(InputError, match=message):
        of_file(file(arms, **changes))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a", "b", "c", "d", "e"), r"nothing that the service knows of a customer, wanted churn_risk or"),
        (
            ("tenure", "contract=weekly", "c", "d", "e"),
            r"contract_type of the log holds 'weekly', wanted Month",
        ),
        (
            ("churn_risk", "b", "c", "d", "e"),
            r"column churn_risk of the log holds 12, wanted numbers from 0 to 1",
        ),
        (
            ("contract", "b", "c", "d", "e"),
            r"column contract of the log holds 12, wanted numbers from 0 to 2",
        ),
    ],
)
def test_columns_of_another_kind_are_refused(names: tuple[str, ...], message: str) -> None:
    """By column and value."""
    with pytest.raises(InputError, match=message):
        of_file(replace(file(), features=names))


def test_the_books_are_read_as_a_file_is() -> None:
    """No contact and 10 % alone were open; words stand there as codes, and a certain arm teaches nothing."""
    only_ten: dict[str, object] = {"excluded": (0, 512, 512, 0, 512), "probability": 0.5}
    stayed: dict[str, object] = {"retained_at": 40}
    left: dict[str, object] = {"churned_at": 10}
    rows: list[dict[str, object]] = [
        {"choice": 0} | only_ten | stayed, {"choice": 3} | only_ten | left,
        {"choice": 3} | only_ten | stayed, {"choice": 0} | stayed,
    ]  # fmt: skip
    books = booked(logbook(rows), Asked("retained", 30, 1.0, NOON + timedelta(days=60)))

    found = of_file(LogFile(books.log, ARMS, books.features, None, ()))

    assert found.choices == (0, 3)
    assert found.log.arm.tolist() == [0, 1, 1]
    assert found.log.reward.tolist() == [1, 0, 1]
    assert found.names[:4] == (
        "churn_risk", "tenure_months", "monthly_spend", "contract_type=month-to-month",
    )  # fmt: skip
    assert found.log.features[0].tolist() == pytest.approx([0.4, 12, 89.99, 1, 0, 0])
    assert found.bill_minor.tolist() == [8_999] * 3
