"""Who decides for whom: sticky, and in a table with the same money for each customer."""

from churn_saver.decide.assigning import Arm, Challenge, Deciding, arms
from churn_saver.decide.laddering import Means
from churn_saver.journey import Decider
from tests.builders import campaign, customers, predictors, rules
from tests.deciding import varied

RIVAL = Deciding("a" * 64, predictors(risk=0.1), Decider("never"))


def test_a_version_decides_with_the_words_and_settings_at_hand() -> None:
    """Only predictors and decider are its own."""
    means = Means(predictors(), rules())
    found = RIVAL.over(means)

    assert (found.predictors, found.rules.decider) == (RIVAL.predictors, Decider("never"))
    assert (found.rules.settings, found.rules.env, found.guards) == (
        means.rules.settings, means.rules.env, means.guards,
    )  # fmt: skip


def test_a_table_without_a_challenger_is_one_arm() -> None:
    """The very table."""
    table = customers(3)

    assert list(arms(table, None, campaign())) == [Arm(table, 3)]


def test_a_table_is_parted_as_requests_are() -> None:
    """Of 500 each is in the arm that a request of the same customer would be decided in, in table order."""
    own, challenge = campaign(), Challenge(RIVAL, 0.3)
    table = varied(500)
    first, second = arms(table, challenge, own)

    assert [challenge.decides_for(one, own) for one in first.customers.ids] == [False] * len(first.customers)
    assert [challenge.decides_for(one, own) for one in second.customers.ids] == [True] * len(second.customers)
    assert sorted([*first.customers.ids, *second.customers.ids]) == table.ids
    assert (first.challenger, second.challenger) == (None, RIVAL)
    assert 100 < len(second.customers) < 200


def test_an_arm_of_nobody_is_left_out_unless_it_is_the_champions() -> None:
    """A plan is the champion's, also where the few customers are all the challenger's."""
    own = campaign()
    few, many = Challenge(RIVAL, 1e-12), Challenge(RIVAL, 1 - 1e-12)

    assert [len(arm.customers) for arm in arms(customers(5), few, own)] == [5]
    assert [len(arm.customers) for arm in arms(customers(5), many, own)] == [0, 5]
