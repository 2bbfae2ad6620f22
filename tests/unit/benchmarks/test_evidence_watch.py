"""The benchmark of drift, fairness and uplift gives its figures at any size."""

from benchmarks.evidence_watch import figures


def test_the_figures_are_there_at_a_tiny_size() -> None:
    """Three looks at 600 rows and a log of 1,500 customers: quiet, loud, and the oracle above all."""
    found = figures(3, 600, 1, 1_500)

    assert found["drift_false_alarms"] == found["drift_wrong_column"] == 0
    assert found["drift_found"] == 1
    assert found["fairness_false_alarms"] <= 1 / 3
    assert found["auuc_random"] < found["auuc_oracle"]
    assert found["auuc_learner"] <= found["auuc_oracle"]
    assert all(0 <= found[name] <= 1 for name in found if name.startswith("coverage"))
    assert min(found["drift_rows_per_second"], found["uplift_rows_per_second"]) > 0
