"""The benchmark of the lift gives its figures at any size."""

from benchmarks.evidence_lift import figures, srm_found


def test_the_figures_are_there_at_a_tiny_size() -> None:
    """Four campaigns of 400: the keys that others join are there, and shares are shares."""
    found = figures(4, 400)

    assert {
        "coverage_lift",
        "coverage_lift_net",
        "coverage_lift_net_strata",
        "aa_alarms",
        "srm_found",
    } <= set(found)
    assert {"srm_size", "srm_size_lost", "lift_rows_per_second"} <= set(found)
    assert all(0 <= found[name] <= 1 for name in found if name.startswith(("coverage", "aa", "srm_f")))
    assert (found["campaigns"], found["customers"]) == (4, 400)
    assert found["srm_exact"] >= 0.99


def test_a_skew_is_found_and_soundness_is_not() -> None:
    """Two points in 20,000 customers with one in twenty held out: nearly always, and hardly ever without."""
    found = srm_found(0.95, 20_000, 20, seed=1)

    assert found == {"found": 1.0, "false": 0.0}
