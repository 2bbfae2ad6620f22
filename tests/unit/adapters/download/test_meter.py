"""Progress at a rate that a person can read."""

from churn_saver.adapters.download.meter import Meter


def test_only_some_steps_are_told_and_the_end_always() -> None:
    """Ten steps of 50 ms at one word every 200 ms: at 0, 200 and 400 ms, and the end."""
    told: list[tuple[str, int, int]] = []
    times = iter(step * 0.05 for step in range(10))
    meter = Meter(lambda *step: told.append(step), "download x", 0.2, lambda: next(times))

    for done in range(1, 11):
        meter(done, 10)

    assert told == [("download x", done, 10) for done in (1, 5, 9, 10)]
