"""What a recipe gives back."""

import polars as pl

from churn_saver.pipeline.prepared import Prepared


def test_the_whole_is_split_after_split() -> None:
    """Rows keep the order of the splits; an empty split adds none."""
    splits = {
        "train": pl.DataFrame({"a": [3, 1]}),
        "valid": pl.DataFrame({"a": []}, schema={"a": pl.Int64}),
        "test": pl.DataFrame({"a": [2]}),
    }

    prepared = Prepared(splits, "jsonl", {}, {}, pl.DataFrame(), (), {})

    assert prepared.whole["a"].to_list() == [3, 1, 2]
    assert prepared.notes == ()
