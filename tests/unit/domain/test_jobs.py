"""Training jobs as values."""

from churn_saver.domain.jobs import FINAL, LIVE, Order, name_of


def test_an_attempt_has_one_name_and_no_other_attempt_has_it() -> None:
    """Run, stage and number of the attempt, all three of them."""
    order = Order("autumn", "rm", 2, ("jobs", "run", "rm"), 60)

    assert order.name == name_of("autumn", "rm", 2) == "churn-saver-autumn-rm-2"
    assert len({name_of("a", "b", 1), name_of("a", "b", 2), name_of("a", "c", 1), name_of("d", "b", 1)}) == 4


def test_a_job_lives_or_has_ended_or_waits() -> None:
    """No state is two of these."""
    assert not FINAL & LIVE
    assert "waiting" not in FINAL | LIVE
