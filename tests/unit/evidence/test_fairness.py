"""Who gets what, by group: by hand, over seeds, and what the gate may say."""

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.fairness import LEAST_ROWS, Fairness, Treated, fairness, harmed
from churn_saver.evidence.shares import newcombe, wilson
from churn_saver.evidence.simultaneous import each_level


def treated(
    contacted: np.ndarray, cost: np.ndarray | None = None, effect: np.ndarray | None = None
) -> Treated:
    """Make rows of which only contacts, costs or effects matter; no contact has an offer."""
    cost_minor = contacted.astype(np.int64) if cost is None else cost
    return Treated(contacted, np.zeros(len(contacted), dtype=np.bool_), cost_minor, effect)


def rates(counts: dict[str, tuple[int, int]], bound: float) -> Fairness:
    """Judge contact rates of groups given as (contacted, customers)."""
    group = [name for name, (_, rows) in counts.items() for _ in range(rows)]
    contacted = np.concatenate([np.arange(rows) < count for count, rows in counts.values()])
    return fairness(np.arange(len(group)), group, treated(contacted), {"contact_rate": bound})[0]


def test_contact_rates_by_hand() -> None:
    """40 of 100 and 60 of 100: the first falls short by .2, the second by −.2, each at a level of √.95."""
    found = rates({"a": (40, 100), "b": (60, 100)}, 0.1)
    level = each_level(0.95, 2)
    low, high = wilson(np.array([40.0]), np.array([100.0]), level)
    short = newcombe(np.array([60.0]), np.array([100.0]), np.array([40.0]), np.array([100.0]), level)

    first, second = found.groups

    assert (first.group, first.customers, first.value.value) == ("a", 100, 0.4)
    assert (first.value.low, first.value.high) == (low[0], high[0])
    assert (first.shortfall.low, first.shortfall.high) == (short[0][0], short[1][0])
    assert (first.shortfall.value, second.shortfall.value) == pytest.approx((0.2, -0.2))
    assert found.widest is not None
    assert (found.widest.most, found.widest.least) == ("b", "a")
    assert found.widest.difference.value == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("rows", "contacted", "bound", "verdict"),
    [
        (2_000, 600, 0.1, "worse than bound"),
        (2_000, 990, 0.1, "within bound"),
        (200, 80, 0.1, "cannot tell"),
        (LEAST_ROWS - 1, 0, 0.1, "too small"),
    ],
)
def test_a_verdict_needs_evidence(rows: int, contacted: int, bound: float, verdict: str) -> None:
    """Against 1,000 of 2,000: .3 is surely worse, .495 is not, 80 of 200 may be, 29 customers say nothing."""
    found = rates({"others": (1_000, 2_000), "some": (contacted, rows)}, bound)

    assert found.groups[1].verdict == verdict
    assert found.worse == (("some",) if verdict == "worse than bound" else ())
    assert ("some" in found.unknown) == (verdict in ("cannot tell", "too small"))


def test_who_gets_more_is_not_worse_off() -> None:
    """A group far above the others is within the bound; the others are not."""
    found = rates({"a": (900, 1_000), "b": (100, 1_000)}, 0.05)

    assert [one.verdict for one in found.groups] == ["within bound", "worse than bound"]


def test_equal_treatment_is_rarely_called_worse() -> None:
    """Four groups of one rate and a bound of 0: any is called worse in at most .025 of 400 campaigns.

    The near ends of four two-sided intervals that hold together with .95 are passed in at most half of .05,
    10 of 400; more than 20 come with a chance below .002.
    """
    called = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        group = rng.choice(list("abcd"), 600, p=[0.1, 0.2, 0.3, 0.4])
        found = fairness(np.arange(600), list(group), treated(rng.random(600) < 0.3), {"contact_rate": 0.0})[
            0
        ]
        called += bool(found.worse)

    assert called <= 20


def test_intervals_of_all_groups_hold_together() -> None:
    """Rates .1, .3, .5: all lie in their intervals in .95 of 400 draws, less 3·√(.05·.95/400) = .033."""
    truth, inside = np.array([0.1, 0.3, 0.5]), []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        place = np.repeat([0, 1, 2], [50, 100, 150])
        contacted = rng.random(300) < truth[place]
        found = fairness(
            np.arange(300), ["abc"[k] for k in place], treated(contacted), {"contact_rate": 0.1}
        )[0]
        values = [one.value for one in found.groups]
        inside.append(all(one.low <= p <= one.high for one, p in zip(values, truth, strict=True)))

    assert np.mean(inside) >= 0.95 - 0.033


def test_offers_are_of_all_customers() -> None:
    """30 contacted, 10 of them with an offer, of 40: an offer rate of .25."""
    contacted = np.tile(np.arange(40) < 30, 2)
    offered = np.tile(np.arange(40) < 10, 2)

    found = fairness(
        np.arange(80), ["a"] * 40 + ["b"] * 40, Treated(contacted, offered, contacted.astype(np.int64)),
        {"offer_rate": 0.1},
    )[0]  # fmt: skip

    assert [one.value.value for one in found.groups] == [0.25, 0.25]


def test_cost_shares_by_hand() -> None:
    """100 customers at 1 and 300 at 3: 100 of 1,000 on a quarter is .4 of an even share; the rest 1.2."""
    cost = np.repeat([1, 3], [100, 300])

    found = fairness(
        np.arange(400), ["a"] * 100 + ["b"] * 300, treated(np.ones(400, dtype=np.bool_), cost),
        {"cost_share": 0.2},
    )[0]  # fmt: skip

    assert [one.value.value for one in found.groups] == [pytest.approx(0.4), pytest.approx(1.2)]
    assert found.groups[0].shortfall.value == pytest.approx(0.8)
    assert found.worse == ("a",)


def test_effects_by_group() -> None:
    """Scores of mean .1 and 0 with a spread of 1 in 4,000 and 4,000 customers: .1 short is worse than .02."""
    rng = np.random.default_rng(1)
    score = rng.normal(0, 1, 8_000) + np.repeat([0.1, 0.0], 4_000)
    group = ["a"] * 4_000 + ["b"] * 4_000
    rows = treated(np.ones(8_000, dtype=np.bool_), effect=score)

    found = fairness(np.arange(8_000), group, rows, {"effect": 0.02})[0]

    assert found.groups[0].value.value == pytest.approx(score[:4_000].mean())
    assert found.worse == ("b",)


def test_a_change_that_harms_a_group_is_found() -> None:
    """A loss of .3 in one group shows, though all customers together gain; the loss is told with its sign."""
    rng = np.random.default_rng(2)
    group = ["few"] * 300 + ["many"] * 3_000
    difference = rng.normal(0, 0.5, 3_300) + np.repeat([-0.3, 0.1], [300, 3_000])

    found = harmed(np.arange(3_300), group, difference, 0.05)

    assert difference.mean() > 0
    assert found.worse == ("few",)
    assert found.groups[0].shortfall.value == pytest.approx(-difference[:300].mean())
    assert found.groups[1].verdict == "within bound"


def test_a_change_may_be_judged_in_one_group() -> None:
    """Whether all are worse off needs no second group, and there is no gap."""
    found = harmed(np.arange(100), [None] * 100, np.full(100, 0.5), 0.0)

    assert found.groups[0].verdict == "within bound"
    assert found.widest is None


def test_missing_is_a_group() -> None:
    """Customers without a value are judged like all others."""
    group: list[str | None] = ["a"] * 50 + [None] * 50

    found = fairness(np.arange(100), group, treated(np.arange(100) < 50), {"contact_rate": 0.1})[0]

    assert found.worse == ("(missing)",)


def test_the_widest_gap_leaves_small_groups_out() -> None:
    """Five customers of whom all were contacted are no gap; with one large group there is none at all."""
    assert (gap := rates({"a": (50, 100), "b": (40, 100), "few": (5, 5)}, 0.1).widest) is not None
    assert (gap.most, gap.least) == ("a", "b")
    assert rates({"a": (50, 100), "few": (5, 5)}, 0.1).widest is None


def test_equal_groups_have_a_gap_of_nothing() -> None:
    """Equal rates: two different groups are named, 0 apart."""
    gap = rates({"a": (50, 100), "b": (50, 100)}, 0.1).widest

    assert gap is not None
    assert (gap.most, gap.least, gap.difference.value) == ("a", "b", 0)


def test_the_order_of_customers_does_not_matter() -> None:
    """Reversed rows give the same shares, and costs to rounding."""
    rng = np.random.default_rng(3)
    group, contacted = list(rng.choice(list("abc"), 200)), rng.random(200) < 0.4

    found = fairness(np.arange(200), group, treated(contacted), {"contact_rate": 0.1})
    back = fairness(np.arange(200)[::-1], group[::-1], treated(contacted[::-1]), {"contact_rate": 0.1})

    assert found == back


def test_a_comparison_needs_two_groups() -> None:
    """All customers of one group have nobody to be compared with."""
    with pytest.raises(InputError, match=r"all customers are of group 'a', wanted two groups at least"):
        rates({"a": (1, 40)}, 0.1)


def test_nothing_spent_has_no_shares() -> None:
    """0 of 0 is no share."""
    rows = treated(np.zeros(4, dtype=np.bool_))

    with pytest.raises(
        InputError, match=r"nothing was spent, so there are no shares of it: leave cost_share out"
    ):
        fairness(np.arange(4), list("aabb"), rows, {"cost_share": 0.1})


def test_effects_need_scores() -> None:
    """An effect that was asked for and not handed in is refused."""
    with pytest.raises(
        InputError, match=r"measure 'effect' was asked for, wanted .* an effect score for each"
    ):
        fairness(np.arange(4), list("aabb"), treated(np.ones(4, dtype=np.bool_)), {"effect": 0.1})


def test_a_bound_is_not_negative() -> None:
    """A shortfall below 0 is no shortfall."""
    with pytest.raises(InputError, match=r"bound of contact_rate is -0.1, wanted 0 or more"):
        rates({"a": (1, 40), "b": (1, 40)}, -0.1)


def test_rows_of_treatment_fit_together() -> None:
    """Offers without a contact, costs below 0, scores that are no numbers and other lengths are refused."""
    yes, no = np.array([True, True]), np.array([True, False])

    with pytest.raises(InputError, match=r"row 1 has an offer and no contact: mend the row"):
        Treated(no, yes, np.array([1, 0]))
    with pytest.raises(InputError, match=r"row 0 cost less than 0"):
        Treated(yes, yes, np.array([-1, 0]))
    with pytest.raises(
        InputError, match=r"row 1 has no finite effect score: mend the row, or leave effects out"
    ):
        Treated(yes, yes, np.array([1, 0]), np.array([0.0, np.nan]))
    with pytest.raises(InputError, match=r"there are 2 contacts beside \[2, 1\] other values"):
        Treated(yes, yes, np.array([1]))
    with pytest.raises(InputError, match=r"row 0 has no finite difference"):
        harmed(np.arange(2), list("ab"), np.array([np.inf, 0]), 0.1)
