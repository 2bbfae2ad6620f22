"""A table worked out: one price, one budget and the same decisions however it is cut; nothing is written."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from churn_saver.decide import Engine
from churn_saver.decide.tables import WorkedOut, worked_out
from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import InputError
from churn_saver.journey import Decider
from churn_saver.journey.learned import learned_gain
from churn_saver.policy import knapsack
from tests.builders import NOON, customers, rules
from tests.deciding import opened, silent, varied
from tests.persuadables import learned
from tests.unit.store.batches import offers

Heard = list[tuple[str, int, int]]
"""What is being done, how much of it, of how much."""


@pytest.fixture
def engine_of(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Give what opens an engine on a file, with one campaign; it is let go of at the end."""
    engines: list[Engine] = []

    def open_engine(**changes: object) -> Engine:
        folder = tmp_path / str(len(engines))
        folder.mkdir()
        engines.append(opened(folder, **changes))
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.store.close()


def work_out(table: Customers, engine: Engine, part_rows: int = 5, progress: Progress = silent) -> WorkedOut:
    """Work a table out at noon, in small parts."""
    return worked_out(table, engine, engine.store.campaigns.get("spring"), NOON, progress, part_rows)


def ids(parts: list[Proposals]) -> list[list[str]]:
    """Name the customers part by part."""
    return [list(part.customer_ids) for part in parts]


def column(parts: list[Proposals], name: str) -> NDArray[np.float64]:
    """Give one column of all parts."""
    return np.concatenate([getattr(part, name) for part in parts])


def told(parts: list[Proposals], reason: Reason) -> list[bool]:
    """Say whose reasons hold this one."""
    return [bool(int(flags) & reason) for part in parts for flags in part.reasons]


def rows(parts: list[Proposals]) -> list[tuple[object, ...]]:
    """Give all that a decision is, row by row."""
    return [
        (part.customer_ids[row], int(part.choice[row]), int(part.intended[row]), int(part.delay_days[row]),
         int(part.reasons[row]), float(part.probability[row]), int(part.needs_minor[row]), part.texts[row],
         part.send_at[row], part.price, part.features[row])
        for part in parts for row in range(len(part.customer_ids))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "without"), [("knapsack", Reason.NOT_WORTH_IT), ("greedy", Reason.BUDGET)]
)
@pytest.mark.parametrize("part_rows", [1, 4, 22])
def test_however_a_table_is_cut_its_decisions_are_the_same(
    engine_of: Callable[..., Engine], policy: str, without: Reason, part_rows: int
) -> None:
    """Of 23 customers some get no money, some are held out, some explored on: each row is what it was."""
    engine = engine_of(limit_minor=9_000, holdout_share=0.2, exploration_share=0.3)
    engine = replace(engine, rules=rules(policy=policy))
    table = varied(23, seed=3)
    whole = list(work_out(table, engine, 23).proposals(silent))

    cut = work_out(table, engine, part_rows)
    parts = list(cut.proposals(silent))

    assert {len(names) for names in ids(parts)[:-1]} == {part_rows}
    assert rows(parts) == rows(whole)
    assert any(told(parts, without))
    assert any(told(parts, Reason.HOLDOUT))
    assert len(set(column(parts, "probability").tolist())) > 1


def test_who_is_not_due_is_left_out_in_any_part(engine_with: Callable[..., Engine]) -> None:
    """A whole part of them is no part; their money is not free any more; the others keep their history."""
    engine, table = engine_with(), varied(13)
    engine.store.settle("spring", offers(table.ids[5:11]), NOON)
    engine.store.suppress(table.ids[12], NOON)

    found = work_out(table, engine)
    parts = list(found.proposals(silent))

    assert ids(parts) == [table.ids[:5], table.ids[11:]]
    assert told(parts, Reason.SUPPRESSED) == [False] * 6 + [True]
    assert found.free_minor == 500_000 - 6 * 1_000
    assert len(found.solved.row_prices) == 7


def test_where_nobody_is_due_there_is_nothing_to_decide(engine_of: Callable[..., Engine]) -> None:
    """No proposals and no price, but the money that is free is told; an empty table has not even that."""
    engine, table = engine_of(), varied(7)
    engine.store.settle("spring", offers(table.ids), NOON)

    nobody, nothing = work_out(table, engine), work_out(varied(0), engine)

    assert list(nobody.proposals(silent)) == list(nothing.proposals(silent)) == []
    assert (nobody.solved.price, nothing.solved.price) == (None, None)
    assert (nobody.free_minor, nothing.free_minor) == (500_000 - 7_000, 0)


def test_money_that_is_reserved_meanwhile_is_not_given_out(engine_of: Callable[..., Engine]) -> None:
    """Of 300.00 somebody takes 200.00 after the first part was read: 100.00 are left for all parts."""
    engine = engine_of(limit_minor=30_000)

    def taking(what: str, done: int, total: int) -> None:
        if (what, done) == ("scoring", 5):
            engine.store.settle("spring", offers(["outsider"], needs=20_000), NOON)

    found = work_out(customers(30), engine, progress=taking)

    needs = int(column(list(found.proposals(silent)), "needs_minor").sum())
    assert found.free_minor == 10_000
    assert 10_000 - 1_450 < needs <= 10_000


@pytest.mark.parametrize("seed", range(4))
def test_the_knapsack_is_as_good_as_trying_everything(engine_of: Callable[..., Engine], seed: int) -> None:
    """Six customers, all 5^6 plans: the bound is above the best, what is given out below by one customer."""
    engine, table = engine_of(limit_minor=3_000), varied(6, seed)

    found = work_out(table, engine, part_rows=4)
    parts = list(found.proposals(silent))

    gain = np.concatenate([one.values.gain for one in found.appraisals if one.values is not None])
    cost = np.concatenate([one.costs_minor for one in found.appraisals])
    plans = np.array(list(product(range(5), repeat=6)))
    within = cost[np.arange(6), plans].sum(axis=1) <= 3_000
    best = gain[np.arange(6), plans].sum(axis=1)[within].max()
    kept = column(parts, "expected_value")[column(parts, "choice") != NO_CONTACT].sum()
    assert found.solved.bound_minor >= best - 1e-6
    assert best - gain.max() <= kept <= best + 1e-6
    assert int(column(parts, "needs_minor").sum()) <= 3_000


def test_all_rows_are_decided_at_one_price(engine_of: Callable[..., Engine]) -> None:
    """Nobody has a choice that brings more at λ than the one made; λ is above 0 since money is short."""
    engine = engine_of(limit_minor=20_000)

    found = work_out(varied(60), engine, part_rows=7)
    choice = column(list(found.proposals(silent)), "choice").astype(int)

    price = found.solved.at
    gain = np.concatenate([one.values.gain for one in found.appraisals if one.values is not None])
    cost = np.concatenate([one.costs_minor for one in found.appraisals])
    net = gain - price * cost
    assert found.solved.price == price > 0.0
    assert (net[np.arange(60), choice] >= net.max(axis=1) - 1e-6).sum() >= 59
    assert (choice != NO_CONTACT).any()


def test_who_ties_at_the_price_is_told_apart_in_any_part(engine_of: Callable[..., Engine]) -> None:
    """30 equal customers, 10.00 each of 145.00: the same 14 in parts of 7 as in one; nobody is withheld."""
    engine = engine_of(limit_minor=14_500)
    (whole,) = work_out(customers(30), engine, 30).proposals(silent)

    parts = list(work_out(customers(30), engine, 7).proposals(silent))

    assert column(parts, "choice").tolist() == whole.choice.tolist()
    assert int((whole.choice != NO_CONTACT).sum()) == 14
    assert told(parts, Reason.NOT_WORTH_IT) == (whole.choice == NO_CONTACT).tolist()
    assert not any(told(parts, Reason.BUDGET))


def test_with_money_for_all_budget_has_no_price(engine_of: Callable[..., Engine]) -> None:
    """Everybody gets what gains most."""
    found = work_out(varied(12), engine_of(limit_minor=10**8))

    gain = np.concatenate([one.values.gain for one in found.appraisals if one.values is not None])
    choice = column(list(found.proposals(silent)), "choice")
    assert (found.solved.price, found.solved.at) == (0.0, 0.0)
    assert choice.tolist() == gain.argmax(axis=1).tolist()


@pytest.mark.parametrize("changes", [{"holdout_share": 1.0}, {"limit_minor": 0}])
def test_where_nobody_competes_no_price_is_solved(
    engine_of: Callable[..., Engine], changes: dict[str, object]
) -> None:
    """All held out, or nothing to give: the campaign's own price is neither used nor replaced."""
    found = work_out(varied(8), engine_of(price=0.7, **changes))

    choice = column(list(found.proposals(silent)), "choice")
    assert (found.solved.price, found.solved.at, found.solved.bound_minor) == (None, 0.0, 0.0)
    assert set(choice.tolist()) == {NO_CONTACT}


@pytest.mark.parametrize(("policy", "trained"), [("greedy", True), ("random", True), ("knapsack", False)])
def test_other_rungs_solve_no_price(engine_of: Callable[..., Engine], policy: str, trained: bool) -> None:
    """They decide at the campaign's; so does the rule that stands in without predictors."""
    engine = replace(engine_of(price=0.7, limit_minor=5_000), rules=rules(policy=policy))

    found = work_out(varied(40), engine if trained else replace(engine, predictors=None))
    parts = list(found.proposals(silent))

    assert (found.solved.price, found.solved.at) == (None, 0.7)
    assert found.solved.row_prices.tolist() == [0.7] * 40
    assert found.seat.rung == (policy if trained else "propensity_rule")
    assert int(column(parts, "needs_minor").sum()) <= 5_000
    assert {part.price for part in parts} == {0.7}


def test_what_does_not_fit_is_withheld_with_the_reason(engine_of: Callable[..., Engine]) -> None:
    """Greedy knows no budget: 30 equal customers want 14.50 each of 100.00, six of them get it."""
    engine = replace(engine_of(limit_minor=10_000), rules=rules(policy="greedy"))

    parts = list(work_out(customers(30), engine).proposals(silent))

    choice, reasons = column(parts, "choice"), column(parts, "reasons")
    assert (choice != NO_CONTACT).tolist() == [True] * 6 + [False] * 24
    assert set(reasons[6:].tolist()) == {int(Reason.BUDGET)}
    assert (column(parts, "intended") != NO_CONTACT).all()


def test_while_all_is_stopped_nobody_is_contacted(engine_of: Callable[..., Engine]) -> None:
    """Each row says why."""
    found = work_out(varied(7), replace(engine_of(), stopped=True))

    parts = list(found.proposals(silent))
    assert set(column(parts, "choice").tolist()) == {NO_CONTACT}
    assert all(told(parts, Reason.STOPPED))


def test_the_books_stay_as_they_are(engine_of: Callable[..., Engine]) -> None:
    """No decision, no reservation, no row of the audit chains, nothing that waits to be sent."""
    engine = engine_of()
    before = [engine.store.verify_chain(one) for one in (None, "spring")]

    assert any(part.texts for part in work_out(varied(20), engine).proposals(silent))

    assert [engine.store.verify_chain(one) for one in (None, "spring")] == before
    assert list(engine.store.records()) == []
    assert engine.store.verify("spring", NOON).reserved_minor == 0
    assert engine.store.outbox.queue(NOON).waiting == 0


def test_it_says_how_far_it_is(engine_of: Callable[..., Engine]) -> None:
    """Scored: of the table; chosen and written: of those who are due. Texts are written when asked for."""
    engine, table = engine_of(), varied(12)
    engine.store.settle("spring", offers(table.ids[:2]), NOON)
    heard: Heard = []

    def listen(what: str, done: int, total: int) -> None:
        heard.append((what, done, total))

    found = work_out(table, engine, progress=listen)
    scored = list(heard)
    parts = found.proposals(listen)
    next(parts)
    begun = heard[len(scored) :]
    list(parts)

    assert scored == [("scoring", 5, 12), ("scoring", 10, 12), ("scoring", 12, 12)]
    assert begun == [("choosing", 3, 10), ("choosing", 8, 10), ("choosing", 10, 10)]
    assert heard[-3:] == [("writing messages", done, 10) for done in (3, 8, 10)]


def test_a_table_too_large_for_who_decides_is_refused_before_anybody_is_scored(
    engine_of: Callable[..., Engine],
) -> None:
    """The exact policy takes 2,000; the table as a whole is counted, not its parts."""
    engine = engine_of()
    exact = replace(engine.rules, decider=Decider("exact", exact_prices=((100.0, 3.0), (800.0, 1.0))))
    heard: Heard = []

    with pytest.raises(InputError, match=r"at most 2,000 customers at a time, the table has 2,001"):
        work_out(varied(2_001), replace(engine, rules=exact), progress=lambda *one: heard.append(one))

    assert heard == []


def test_learned_effects_spend_the_budget_at_a_price_of_their_own(engine_of: Callable[..., Engine]) -> None:
    """The knapsack of the learned gain over all rows, within one customer of the limit of 60.00."""
    plain, effects = engine_of(limit_minor=6_000), learned().effects
    engine = replace(plain, rules=replace(plain.rules, decider=Decider("uplift", effects=effects)))
    table = varied(60)
    tickets = np.arange(60, dtype=np.float32) % 6
    table = replace(table, fields={**table.fields, "support_tickets": tickets})

    made = work_out(table, engine)
    parts = list(made.proposals(silent))
    appraisals, env = made.appraisals, engine.rules.env
    gains = [learned_gain(one, one.values, effects, env) for one in appraisals if one.values is not None]
    costs, allowed = (
        np.concatenate([getattr(one, name) for one in appraisals]) for name in ("costs_minor", "competing")
    )
    solved = knapsack.solve(np.concatenate(gains), costs, allowed, 6_000)

    assert made.solved.price == solved.price > 0
    np.testing.assert_array_equal(column(parts, "choice"), solved.choice)
    assert 0 < column(parts, "needs_minor").sum() <= 6_000


def test_a_table_is_worked_out_again_with_other_means(engine_of: Callable[..., Engine]) -> None:
    """By another rung: the same rows as if it had worked the table out at first, whatever happened since."""
    engine = engine_of(limit_minor=9_000, exploration_share=0.2, holdout_share=0.1)
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    table = work_out(varied(40), engine)
    other = list(work_out(varied(40), greedy).proposals(silent))
    engine.store.settle("spring", offers(["C00001"]), NOON)
    again = table.over(greedy.means)

    assert rows(list(again.proposals(silent))) == rows(other)
    assert rows(list(table.over(engine.means).proposals(silent))) == rows(list(table.proposals(silent)))


def test_a_part_of_a_table_stays_a_part_of_it(engine_of: Callable[..., Engine]) -> None:
    """20 of 2,001 customers: too many for the exact policy, as the whole table is."""
    engine = engine_of()
    spring = engine.store.campaigns.get("spring")
    part = worked_out(varied(20), engine, spring, NOON, silent, 5, of_customers=2_001)
    exact = replace(engine.rules, decider=Decider("exact"))

    with pytest.raises(InputError, match="at most 2,000 customers at a time, the table has 2,001"):
        part.over(replace(engine.means, rules=exact))
