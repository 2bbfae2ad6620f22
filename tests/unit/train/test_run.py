"""What every training run carries."""

from churn_saver.train.run import Run, silent


def test_each_purpose_has_its_own_draws() -> None:
    """The same purpose draws the same, another purpose or seed something else."""
    run = Run(7)

    first = run.rng("intervals").random()

    assert run.rng("intervals").random() == first
    assert run.rng("folds").random() != first
    assert Run(8).rng("intervals").random() != first


def test_steps_are_reported_as_they_are_done() -> None:
    """The start is reported too, so that a bar appears at once."""
    told: list[tuple[str, int, int]] = []
    run = Run(0, lambda what, done, total: told.append((what, done, total)))

    done = run.steps("fit", 2)
    done()
    done()

    assert told == [("fit", 0, 2), ("fit", 1, 2), ("fit", 2, 2)]


def test_progress_may_be_silent() -> None:
    """Nothing is shown unless somebody asks."""
    assert Run(0).progress is silent
    Run(0).steps("fit", 1)()
