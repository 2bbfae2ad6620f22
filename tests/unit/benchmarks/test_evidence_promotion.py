"""The benchmark of the gate: its worlds are what they say, and its figures are there at any size."""

import numpy as np
import pytest

from benchmarks.evidence_promotion import (
    CUSTOMERS,
    GAIN,
    OVERRIDE,
    STAYS,
    asked,
    begun,
    figures,
    looked_at,
    served,
)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_customers_stay_as_often_as_the_world_says(share: float) -> None:
    """.8 under the champion and .86 under the challenger, over 50 campaigns: within five errors."""
    rows = [served(np.random.default_rng(seed), GAIN, share)[0] for seed in range(50)]
    treated = np.concatenate([one.treated for one in rows])
    kept = np.concatenate([one.kept for one in rows])

    assert treated.mean() == pytest.approx(share, abs=5 * 0.5 / np.sqrt(50 * CUSTOMERS))
    for is_treated, stays in ((True, STAYS + GAIN), (False, STAYS)):
        error = 0.4 / np.sqrt((treated == is_treated).sum())
        assert kept[treated == is_treated].mean() == pytest.approx(stays, abs=5 * error)


def test_a_look_sees_those_who_are_known_by_then() -> None:
    """The first thousand of four, as they are."""
    whole, _ = served(np.random.default_rng(0), 0.0, 0.5)

    early = begun(whole, 1_000)

    assert len(early) == 1_000
    assert (early.kept == whole.kept[:1_000]).all()
    assert early.window_days == whole.window_days


def test_a_worse_challenger_is_stopped_and_a_better_one_passes() -> None:
    """Both ways, in one campaign of a size at which hardly anything else can be."""
    assert looked_at(0, GAIN, None).passes
    assert not looked_at(0, -GAIN, OVERRIDE).passes
    assert not asked(0, 600, "worse", OVERRIDE).passes
    assert asked(0, 8_000, "better", None).passes


def test_all_figures_are_there_at_a_tiny_size() -> None:
    """Shares with their intervals around them."""
    found = figures(4, 2, 600)

    for name in ("aa_promotions", "aa_promotions_looks", "aa_promotions_naive", "aa_promotions_logged",
                 "worse_promoted", "better_promoted"):  # fmt: skip
        assert 0 <= found[f"{name}_low"] <= found[name] <= found[f"{name}_high"] <= 1
    assert (found["promotion_campaigns"], found["promotion_few"]) == (4, 2)
