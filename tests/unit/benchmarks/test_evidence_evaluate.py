"""The benchmark of `churn-saver evaluate` gives its figures at any size."""

from benchmarks.evidence_evaluate import figures


def test_the_figures_are_there_at_a_tiny_size() -> None:
    """CSV and Parquet hold the same log, so both give the same value."""
    found = figures(2_000)

    assert found["csv_rows"] == found["parquet_rows"] == 2_000
    assert found["csv_value"] == found["parquet_value"]
    assert min(found[f"{form}_{name}"] for form in ("csv", "parquet") for name in ("cpu_seconds", "mb")) > 0
