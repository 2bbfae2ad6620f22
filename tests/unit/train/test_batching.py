"""Batches of rows of like length."""

from hypothesis import given
from hypothesis import strategies as st

from churn_saver.train.batching import LengthGrouped

LENGTHS = st.lists(st.integers(1, 90), min_size=1, max_size=400)


@given(LENGTHS, st.integers(1, 9), st.integers(0, 5))
def test_each_row_comes_once_an_epoch(lengths: list[int], batch_size: int, epoch: int) -> None:
    """Whatever their lengths, and where the last batch is not full."""
    sampler = LengthGrouped(lengths, batch_size, seed=0)
    sampler.set_epoch(epoch)

    assert sorted(sampler) == list(range(len(lengths))) == list(range(len(sampler)))


@given(LENGTHS, st.integers(1, 9), st.integers(0, 5))
def test_seed_and_epoch_alone_say_the_order(lengths: list[int], batch_size: int, epoch: int) -> None:
    """One that has gone through former epochs gives what one gives that begins here."""
    walked, fresh = (LengthGrouped(lengths, batch_size, seed=3) for _ in range(2))
    for before in range(epoch):
        walked.set_epoch(before)
        list(walked)
    walked.set_epoch(epoch)
    fresh.set_epoch(epoch)

    assert list(walked) == list(fresh)


def test_another_epoch_or_seed_is_another_order() -> None:
    """Else the same rows would always learn together."""
    lengths = [row % 7 + 1 for row in range(200)]
    orders = []
    for seed, epoch in ((0, 0), (0, 1), (1, 0)):
        sampler = LengthGrouped(lengths, 8, seed)
        sampler.set_epoch(epoch)
        orders.append(tuple(sampler))

    assert len(set(orders)) == 3


def test_batches_hold_rows_of_like_length() -> None:
    """1,600 rows of 1 to 100 tokens in batches of 16: hardly any filling is left, where most was filling."""
    lengths = [row * 37 % 100 + 1 for row in range(1_600)]
    order = list(LengthGrouped(lengths, 16, seed=0))
    widest = [max(lengths[row] for row in order[start : start + 16]) for start in range(0, 1_600, 16)]
    shuffled = [max(lengths[row : row + 16]) for row in range(0, 1_600, 16)]

    assert 16 * sum(widest) < 1.05 * sum(lengths) < 1.7 * sum(lengths) < 16 * sum(shuffled)


def test_long_batches_do_not_come_first() -> None:
    """The batches of a stretch are shuffled: early steps see short rows as well as long ones."""
    lengths = [row % 100 + 1 for row in range(1_600)]
    early = list(LengthGrouped(lengths, 16, seed=0))[:320]

    assert min(lengths[row] for row in early) < 20
    assert max(lengths[row] for row in early) > 80
