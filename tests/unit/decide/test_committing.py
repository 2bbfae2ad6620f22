"""A plan, committed once: resumed after a kill, withheld where it no longer fits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters import plans
from churn_saver.decide import Engine
from churn_saver.decide.assigning import Deciding
from churn_saver.decide.committing import Committed, commit
from churn_saver.decide.planning import plan
from churn_saver.domain.versions import Version
from churn_saver.errors import CampaignError, InputError, LedgerError
from churn_saver.journey import Decider
from tests.builders import NOON, predictors, proposals
from tests.deciding import planned, reserved, silent, varied


def test_a_plan_reserves_nothing_and_a_commit_does(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """300 customers, 500.00: the plan leaves the ledger as it was; the commit records each once."""
    engine = engine_with(limit_minor=50_000)

    index = planned(varied(300), engine, tmp_path / "plan")

    assert reserved(engine.store) == 0
    done = commit(tmp_path / "plan", engine.store, NOON, silent)
    assert done == Committed(recorded=300, contacts=index.contacts, withheld=0, overtaken=0)
    assert reserved(engine.store) == index.needs_minor <= 50_000
    assert engine.store.campaigns.get("spring").price == index.price


def test_a_commit_is_done_once_however_often_it_is_called(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """Three commits of one plan reserve what one does and report the same."""
    engine = engine_with(limit_minor=50_000)
    index = planned(varied(100), engine, tmp_path / "plan")

    results = [commit(tmp_path / "plan", engine.store, NOON, silent) for _ in range(3)]

    assert results[0] == results[1] == results[2]
    assert reserved(engine.store) == index.needs_minor


def test_a_killed_commit_goes_on_where_it_stopped(tmp_path: Path, engine_with: Callable[..., Engine]) -> None:
    """Parts of 20 rows, killed after the second: 40 rows stand, the next call does the rest."""
    engine = engine_with(limit_minor=50_000)
    index = plan(varied(100), engine, tmp_path / "plan", NOON, silent, "0" * 64, part_rows=20)

    def die(what: str, done: int, total: int) -> None:
        if done == 40:
            raise KeyboardInterrupt("killed")

    with pytest.raises(KeyboardInterrupt, match="killed"):
        commit(tmp_path / "plan", engine.store, NOON, die)
    half = sum(len(batch["decision_id"]) for batch in engine.store.records(index.plan_id))
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert half == 40
    assert done.recorded == 100
    assert reserved(engine.store) == index.needs_minor


def test_planned_contacts_that_no_longer_fit_are_withheld(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """The limit falls to zero after planning: nobody is contacted, all are recorded, with the reason."""
    engine = engine_with(limit_minor=50_000)
    index = planned(varied(100), engine, tmp_path / "plan")
    engine.store.campaigns.set_limit("spring", 0, NOON)

    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert done == Committed(recorded=100, contacts=0, withheld=index.contacts, overtaken=0)
    assert reserved(engine.store) == 0
    assert commit(tmp_path / "plan", engine.store, NOON, silent) == done


def test_a_contact_that_is_withheld_is_planned_again_tomorrow(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """All four were to wait 6 days: of no contact they do, a withheld contact is due after one day."""
    engine = engine_with(limit_minor=50_000)
    wanted = proposals(4, delay_days=np.full(4, 6, dtype=np.int8))
    part = plans.write_part(tmp_path / "plan", 0, wanted)
    index = plans.PlanIndex(
        plan_id="p", campaign_id="spring", made_at=NOON.isoformat(), price=None, bound_minor=0.0,
        free_minor=50_000, not_due=0, made_from="0" * 64, parts=(part,),
    )  # fmt: skip
    plans.write_index(tmp_path / "plan", index)
    engine.store.campaigns.set_limit("spring", 1_000, NOON)

    done = commit(tmp_path / "plan", engine.store, NOON, silent)
    tomorrow, week = (
        engine.store.read("spring", wanted.customer_ids, NOON + timedelta(days=days)).history.due.tolist()
        for days in (1, 7)
    )

    assert (done.contacts, done.withheld) == (1, 1)
    assert tomorrow == [False, False, True, False]
    assert week == [True] * 4


def test_customers_decided_elsewhere_in_between_are_left_alone(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """Two plans for the same table: the second commit finds every customer overtaken."""
    engine = engine_with(limit_minor=500_000)
    table = varied(50)
    planned(table, engine, tmp_path / "first")
    planned(table.take(np.arange(50)[::-1]), engine, tmp_path / "second")
    commit(tmp_path / "first", engine.store, NOON, silent)

    done = commit(tmp_path / "second", engine.store, NOON, silent)

    assert (done.recorded, done.overtaken) == (0, 50)


def test_a_stale_plan_and_a_missing_campaign_are_refused(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """A day later send times and last days would be wrong; without a campaign there is no budget."""
    engine = engine_with()
    planned(varied(5), engine, tmp_path / "plan")

    with pytest.raises(InputError, match="more than a day ago"):
        commit(tmp_path / "plan", engine.store, NOON + timedelta(days=2), silent)

    engine.store.campaigns.close("spring", NOON)

    with pytest.raises(CampaignError, match="no campaign is open"):
        planned(varied(5), engine, tmp_path / "other")


def test_while_all_is_stopped_nothing_more_is_planned_or_recorded(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """A table can wait; who threw the switch is named, and afterwards the plan goes on."""
    engine = engine_with()
    planned(varied(20), engine, tmp_path / "plan")
    engine.store.set_control(baseline=False, stopped=True, by="ops", now=NOON)

    with pytest.raises(LedgerError, match=r"all contacts were stopped by 'ops' .* control set --no-stopped"):
        commit(tmp_path / "plan", engine.store, NOON, silent)
    with pytest.raises(LedgerError, match="all contacts were stopped"):
        planned(varied(20), engine, tmp_path / "other")
    assert reserved(engine.store) == 0
    engine.store.set_control(baseline=False, stopped=False, by="ops", now=NOON)
    assert commit(tmp_path / "plan", engine.store, NOON, silent).recorded == 20


def test_the_baseline_switch_holds_for_tables(tmp_path: Path, engine_with: Callable[..., Engine]) -> None:
    """The propensity rule plans."""
    engine = engine_with()
    engine.store.set_control(baseline=True, stopped=False, by="ops", now=NOON)

    assert planned(varied(20), engine, tmp_path / "plan").policy == "propensity_rule"


GREEDY = Version("greedy", {})


def beside(engine: Engine) -> Engine:
    """Give the engine with the greedy rung as its shadow, registered."""
    engine.store.registry.register(GREEDY, "", "test", NOON)
    return replace(engine, shadow=Deciding(GREEDY.digest, predictors(0.3), Decider("greedy")))


def test_a_plan_keeps_what_its_shadow_would_do_and_is_the_same_plan(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """Byte for byte, part by part; committed twice, each recorded decision has its shadow once."""
    engine = engine_with(limit_minor=20_000)
    plain = plan(varied(70), engine, tmp_path / "plain", NOON, silent, "0" * 64, part_rows=30)
    index = plan(varied(70), beside(engine), tmp_path / "plan", NOON, silent, "0" * 64, part_rows=30)
    done = [commit(tmp_path / "plan", engine.store, NOON, silent) for _ in range(2)]
    kept = engine.store.shadows.of("spring", GREEDY.digest)
    recorded = [row for part in engine.store.records(f"{index.plan_id}:") for row in part["decision_id"]]

    assert (index.plan_id, index.parts, plain.shadows) == (plain.plan_id, plain.parts, ())
    assert [part.rows for part in index.shadows] == [30, 30, 10]
    assert sum(part.needs_minor for part in index.shadows) <= 20_000
    assert done[0] == done[1]
    assert done[0].unshadowed == 0
    assert list(kept.shadowed.decision_ids) == recorded
    assert set(kept.shadowed.intended.tolist()) - {0} != set()


def test_what_was_withheld_has_its_shadow_too(tmp_path: Path, engine_with: Callable[..., Engine]) -> None:
    """The budget went between plan and commit: decisions that became no contact are of the same customers."""
    engine = engine_with(limit_minor=20_000)
    planned(varied(40), beside(engine), tmp_path / "plan")
    engine.store.campaigns.set_limit("spring", 0, NOON)
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert done.withheld > 0
    assert engine.store.shadows.tallies()[GREEDY.digest].decisions == done.recorded == 40


def test_a_shadow_that_cannot_be_kept_costs_no_decision(
    tmp_path: Path, engine_with: Callable[..., Engine]
) -> None:
    """Its file was changed after planning: all is recorded, and it is said of how many there is none."""
    engine = engine_with(limit_minor=20_000)
    index = planned(varied(40), beside(engine), tmp_path / "plan")
    (tmp_path / "plan" / index.shadows[0].name).write_bytes(b"x")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert (done.recorded, done.unshadowed) == (40, 40)
    assert engine.store.shadows.tallies() == {}
