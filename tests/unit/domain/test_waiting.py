"""What may stand against sending a message."""

from churn_saver.domain.waiting import Obstacle


def test_two_obstacles_may_pass() -> None:
    """A switch is put back and a claim may be had again; all else is for good."""
    passing = [obstacle.value for obstacle in Obstacle if not obstacle.is_final]

    assert passing == ["lost", "stopped"]
