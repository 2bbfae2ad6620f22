"""Splits on top of each other."""

import polars as pl

from churn_saver.data.quality.stacked import ROW, SHOWN, SPLIT, places_of, stacked, torn


def test_every_row_knows_where_it_stands() -> None:
    """Rows count from 1 in each split; an empty split adds none; a lacking column is null."""
    empty = pl.DataFrame(schema={"id": pl.String})
    train, test = pl.DataFrame({"id": ["a", "b"], "x": [1, 2]}), pl.DataFrame({"id": ["c"]})
    rows = stacked({"train": train, "valid": empty, "test": test})

    assert rows.select(SPLIT, ROW, "id", "x").rows() == [
        ("train", 1, "a", 1),
        ("train", 2, "b", 2),
        ("test", 1, "c", None),
    ]


def test_places_are_named_the_first_few() -> None:
    """With the id where one is asked for."""
    rows = stacked({"table": pl.DataFrame({"id": [f"C{i}" for i in range(30)]})})

    assert places_of(rows.tail(1)) == ("table:30",)
    assert places_of(rows)[:2] == ("table:1", "table:2")
    assert len(places_of(rows)) == SHOWN
    assert places_of(rows.head(1), "id") == ("table:1 C0",)


def test_what_is_torn_is_found_by_its_first_rows() -> None:
    """The key b is in train and test, d in all three; null is nobody; twice in one split is not torn."""
    rows = stacked(
        {
            "train": pl.DataFrame({"k": ["a", "b", "b", "d", None]}),
            "valid": pl.DataFrame({"k": ["c", "c", "d"]}),
            "test": pl.DataFrame({"k": [None, "d", "b"]}),
        }
    )

    assert torn(rows, "k") == (2, ("train:2 = test:3", "train:4 = valid:3 = test:2"))
