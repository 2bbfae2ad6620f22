"""Requests decided together: each as if it were alone, and alone where together does not do."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from churn_saver.decide import Asked, Engine, Outcome, decide_now
from churn_saver.decide.gathering import Gathering
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.errors import AnswerMismatch, ConfigError, LedgerUnavailable
from churn_saver.journey import Decider, Rules
from churn_saver.store import Answer, Store, open_store, within
from tests.builders import NOON, campaign, predictors, rules
from tests.deciding import varied
from tests.ledgers import new_ledger
from tests.trained import eager, served

PATIENCE = 60.0
RULES = rules()
RUNGS = ("knapsack", "propensity_rule", "risk_value", "greedy", "random", "never")


class Held:
    """Books that keep the first settlement waiting until so many others wait to be decided."""

    def __init__(self, store: Store, gathering: Gathering, others: int) -> None:
        self.campaigns, self._store = store.campaigns, store
        self._gathering, self._others = gathering, others
        self._tick, self.entered = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        self.fault: BaseException | None = None

    def read_running(self, *args: object) -> object:
        """Read from the real books."""
        return self._store.read_running(*args)  # type: ignore[arg-type]

    def settle(self, campaign_id: str, proposals: Proposals, *args: object, **named: object) -> Settlement:
        """Settle in the real books; several fail where a fault was put."""
        self.sizes.append(len(proposals))
        if not self.entered.is_set():
            self.entered.set()
            for _ in range(int(PATIENCE * 1_000)):
                if self._gathering.waiting == self._others:
                    break
                self._tick.wait(0.001)
        if self.fault is not None and len(proposals) > 1:
            raise self.fault
        return self._store.settle(campaign_id, proposals, *args, **named)  # type: ignore[arg-type]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give a ledger with one campaign."""
    with open_store(database_url) as opened:
        opened.campaigns.open(campaign())
        yield opened


def together(books: Held, calls: Sequence[Callable[[], Outcome]]) -> list[Outcome | BaseException]:
    """Make calls: the first, and all others while it is being settled; give what each gave or raised."""
    found: dict[int, Outcome | BaseException] = {}

    def work(place: int) -> None:
        try:
            found[place] = calls[place]()
        except BaseException as error:
            found[place] = error

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(calls))]
    threads[0].start()
    assert books.entered.wait(PATIENCE)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return [found[place] for place in range(len(calls))]


def gathered(
    store: Store,
    n: int,
    rules: Rules = RULES,
    asked: Sequence[Asked | None] = (),
    fault: BaseException | None = None,
) -> tuple[list[Outcome | BaseException], Held]:
    """Decide for n customers, all but the first at one moment."""
    gathering = Gathering()
    books = Held(store, gathering, n - 1)
    books.fault = fault
    engine = Engine(books, predictors(), rules, gathering=gathering)  # type: ignore[arg-type]
    table, keys = varied(n), [*asked, *[None] * (n - len(asked))]
    calls = [
        partial(decide_now, own, engine, NOON, key) for own, key in zip(rows_of(table), keys, strict=True)
    ]
    return together(books, calls), books


def calls_of(tables: Sequence[Customers], engines: Sequence[Engine]) -> list[Callable[[], Outcome]]:
    """Give a call for each table of one row, made with its engine."""
    return [partial(decide_now, table, engine, NOON) for table, engine in zip(tables, engines, strict=True)]


def rows_of(table: Customers) -> list[Customers]:
    """Part a table into its rows."""
    return [table.take(np.array([row])) for row in range(len(table))]


def asking(key: str, digest: bytes = b"d" * 32) -> Asked:
    """Give a request under a key, answered with its decision's id."""
    return Asked(key, digest, lambda outcome: outcome.decision_id.encode())


def assert_alike(found: Proposals, wanted: Proposals) -> None:
    """Hold all columns of two proposals against each other, to the bit."""
    for name in (field.name for field in fields(Proposals)):
        one, other = getattr(found, name), getattr(wanted, name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other, err_msg=name)
        else:
            assert one == other, name


@pytest.mark.parametrize("rung", [*RUNGS, "ppo_price"])
def test_each_gets_what_it_would_have_got_alone(store: Store, tmp_path: Path, rung: str) -> None:
    """Six requests, five of them in one transaction; in other books each is decided alone."""
    decider = (
        Decider("ppo_price", eager(served("full_price", 1))) if rung in ("ppo_price",) else Decider(rung)
    )
    chosen = replace(rules(random_share=0.5), decider=decider)

    found, books = gathered(store, 6, chosen)

    assert books.sizes == [1, 5]
    with open_store(new_ledger(tmp_path / "alone.db")) as other:
        other.campaigns.open(campaign())
        for row, one in enumerate(found):
            alone = decide_now(varied(6).take(np.array([row])), Engine(other, predictors(), chosen), NOON)
            assert isinstance(one, Outcome)
            assert_alike(one.proposals, alone.proposals)
            assert store.decision(one.decision_id).message == alone.proposals.texts[0]
        assert store.verify("spring", NOON) == other.verify("spring", NOON)


def test_who_the_money_does_not_suffice_for_is_decided_again(store: Store, tmp_path: Path) -> None:
    """20.00 pay for some of six: nothing is overspent, and somebody hears of the budget."""
    with open_store(new_ledger(tmp_path / "small.db")) as small:
        small.campaigns.open(campaign(limit_minor=2_000, price=0.0))

        found, _ = gathered(small, 6, replace(RULES, decider=Decider("greedy")))

        totals = small.verify("spring", NOON)
        outcomes = [one for one in found if isinstance(one, Outcome)]
        assert len(outcomes) == 6
        assert all(one.decision_id for one in outcomes)
        assert 0 < totals.reserved_minor <= 2_000
        assert totals.reserved_minor == sum(int(one.proposals.needs_minor[0]) for one in outcomes)
        assert any("budget" in one.proposals.reason_words(0) for one in outcomes)


def test_each_key_keeps_its_own_answer(store: Store) -> None:
    """Four requests in one transaction, three of them under keys."""
    keys = [None, asking("a"), asking("b"), None, asking("c")]

    found, books = gathered(store, 5, asked=keys)

    assert books.sizes == [1, 4]
    names = [one.decision_id for one in found if isinstance(one, Outcome)]
    assert [store.answer(key, b"d" * 32, NOON) for key in "abc"] == [
        Answer(200, names[row].encode()) for row in (1, 2, 4)
    ]


def test_a_key_that_was_answered_before_brings_its_own_answer_and_spoils_no_other(store: Store) -> None:
    """All are decided again alone; a key of another request is refused to its caller only."""
    engine = Engine(store, predictors(), RULES)
    earlier = decide_now(varied(9).take(np.array([8])), engine, NOON, asking("told"))
    keys = [None, None, asking("told"), asking("told", b"e" * 32), asking("new")]

    found, books = gathered(store, 5, asked=keys)

    again, refused = found[2], found[3]
    assert isinstance(again, Outcome)
    assert (again.decision_id, again.is_repeated) == (earlier.decision_id, True)
    assert isinstance(refused, AnswerMismatch)
    others = [found[row] for row in (0, 1, 4)]
    assert all(isinstance(one, Outcome) and one.decision_id and not one.is_repeated for one in others)
    assert books.sizes[:2] == [1, 4]
    assert set(books.sizes[2:]) == {1}


def test_who_differs_is_not_decided_with_the_others(store: Store) -> None:
    """Another engine, or other fields: a table of its own."""
    gathering = Gathering()
    books = Held(store, gathering, 3)
    engine = Engine(books, predictors(), RULES, gathering=gathering)  # type: ignore[arg-type]
    table = varied(4)
    other = replace(table, fields=dict(tuple(table.fields.items())[1:]))
    tables = [*rows_of(table)[:3], other.take(np.array([3]))]
    engines = [engine, engine, replace(engine, stopped=True), engine]

    found = together(books, calls_of(tables, engines))

    assert all(isinstance(one, Outcome) for one in found)
    assert sorted(books.sizes) == [1, 1, 1, 1]


def test_no_more_than_so_many_are_decided_together(store: Store) -> None:
    """Of four who wait three are taken, and the last one works for itself."""
    told: list[int] = []
    gathering = Gathering(told.append, most=3)
    books = Held(store, gathering, 4)
    engine = Engine(books, predictors(), RULES, gathering=gathering)  # type: ignore[arg-type]
    together(books, calls_of(rows_of(varied(5)), [engine] * 5))

    assert books.sizes == told == [1, 3, 1]
    assert gathering.waiting == 0


def test_what_fails_together_is_done_alone(store: Store) -> None:
    """The books do not take several at a time: each is recorded alone."""
    found, books = gathered(store, 4, fault=LedgerUnavailable("busy"))

    assert all(isinstance(one, Outcome) and one.decision_id for one in found)
    assert books.sizes == [1, 3, 1, 1, 1]


def test_a_defect_is_raised_once_and_keeps_nobody_waiting(store: Store) -> None:
    """Who worked for the others raises it; they are decided alone."""
    found, _ = gathered(store, 4, fault=ZeroDivisionError("a defect"))

    faults = [one for one in found if not isinstance(one, Outcome)]
    assert [type(one) for one in faults] == [ZeroDivisionError]


def test_who_has_no_time_left_goes_and_is_not_recorded(store: Store) -> None:
    """A deadline that passes while another is being settled; the other one is recorded."""
    gathering = Gathering()
    books = Held(store, gathering, 1)
    engine = Engine(books, predictors(), RULES, gathering=gathering)  # type: ignore[arg-type]
    table = varied(2)
    gone = threading.Event()
    settle = books.settle

    def first_waits(campaign_id: str, proposals: Proposals, *args: object, **named: object) -> Settlement:
        if not books.entered.is_set():
            books.entered.set()
            assert gone.wait(PATIENCE)
        return settle(campaign_id, proposals, *args, **named)

    books.settle = first_waits  # type: ignore[method-assign]

    def hurried() -> Outcome:
        try:
            with within(0.05):
                return decide_now(table.take(np.array([1])), engine, NOON)
        finally:
            gone.set()

    found = together(books, [lambda: decide_now(table.take(np.array([0])), engine, NOON), hurried])

    assert isinstance(found[0], Outcome)
    assert isinstance(found[1], LedgerUnavailable)
    assert store.verify("spring", NOON).reserved_minor == int(found[0].proposals.needs_minor[0])


def test_a_live_text_is_nobody_elses_business(store: Store) -> None:
    """It takes its time, so it is made alone."""
    engine = Engine(store, predictors(), replace(RULES, live=lambda *_: None))
    gathering = Gathering(_never)

    made = decide_now(varied(1), replace(engine, gathering=gathering), NOON)

    assert made.decision_id


def _never(_: int) -> None:
    raise ConfigError("somebody was gathered")
