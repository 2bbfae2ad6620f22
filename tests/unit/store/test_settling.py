"""Proposals are recorded or refused against what the books hold now."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.campaign import Caps
from churn_saver.domain.proposal import Proposals
from churn_saver.domain.waiting import Obstacle
from churn_saver.errors import LedgerError
from churn_saver.store import Store, Totals, open_store, sqlite_url
from churn_saver.store.reservations import is_decision_id
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence


def flags(store: Store, proposals: Proposals, later: timedelta = timedelta(0)) -> list[int]:
    """Settle in 'spring' and give the refusals."""
    return list(store.settle("spring", proposals, NOON + later).refused.tolist())


def test_what_fits_is_reserved_in_order(store: Store) -> None:
    """Of 20.00: 9.00 and 8.00 fit, 4.00 does not (17.00 + 4.00 > 20.00), 3.00 does: nothing is left."""
    store.campaigns.set_limit("spring", 2_000, NOON)

    settled = store.settle("spring", offers(["A", "B", "C", "D"], needs=[900, 800, 400, 300]), NOON)

    assert settled.refused.tolist() == [0, 0, Reason.BUDGET, 0]
    assert [bool(one) for one in settled.decision_ids] == [True, True, False, True]
    assert store.campaigns.totals("spring", NOON) == Totals(2_000, 0, 2_000, 0)
    assert store.verify("spring", NOON).reserved_minor == 2_000


def test_no_id_is_given_twice(tmp_path: Path) -> None:
    """Two ledgers that decide alike name decisions differently, so one that was restored does too."""
    ids = list[str]()
    for name in ("one", "other"):
        with open_store(sqlite_url(tmp_path / f"{name}.db")) as store:
            store.campaigns.open(campaign())
            ids += store.settle("spring", offers(["A", "B"]), NOON).decision_ids

    assert len(set(ids)) == 4
    assert all(is_decision_id(one) for one in ids)


def test_a_refused_contact_can_be_withheld_in_the_same_settlement(store: Store) -> None:
    """Money for one of two, a third suppressed, a fourth overtaken: three rows are recorded at once."""
    store.campaigns.set_limit("spring", 1_000, NOON)
    store.suppress("C", NOON)
    store.settle("spring", silence(["D"]), NOON)

    made = store.settle("spring", offers(["A", "B", "C", "D"]), NOON, withholds=True)
    (columns,) = store.records(settlement=made.number)

    assert made.refused.tolist() == [0, 0, 0, Reason.STATE_UNREADABLE]
    assert columns["customer_id"] == ["A", "B", "C"]
    assert columns["choice"] == [3, 0, 0]
    assert columns["reasons"] == [0, Reason.BUDGET, Reason.SUPPRESSED | Reason.BUDGET]
    assert columns["message"] == ["Hello Sam", None, None]
    assert store.verify("spring", NOON) == Totals(1_000, 0, 1_000, 0)
    assert store.verify_chain("spring").rows == 4


def test_the_switch_is_looked_at_in_the_settlement(store: Store) -> None:
    """Stopped meanwhile: no contact is reserved; silence is recorded, as is a contact that is withheld."""
    store.set_control(False, True, "ops", NOON)

    assert flags(store, offers(["A"])) == [Reason.STOPPED]
    assert flags(store, silence(["B"])) == [0]

    made = store.settle("spring", offers(["C"]), NOON, withholds=True)
    (columns,) = store.records(settlement=made.number)
    queue = store.outbox.queue(NOON)

    assert (columns["choice"], columns["reasons"]) == ([0], [Reason.STOPPED])
    assert (queue.waiting, store.verify("spring", NOON).reserved_minor) == (0, 0)
    store.set_control(False, False, "ops", NOON)
    assert flags(store, offers(["A"])) == [0]


def test_a_no_that_a_caller_tells_is_kept(store: Store) -> None:
    """A's message waits; A says no: it does not go out, nor does a later one, though nobody says it again."""
    (waiting,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.outbox.claim(1, NOON, "a", DAY)
    before = store.outbox.obstacle(waiting, NOON, "a", timedelta(hours=1))
    store.settle("spring", silence(["A"], numbers=1), NOON, said_no=["A"])
    after = store.outbox.obstacle(waiting, NOON, "a", timedelta(hours=1))

    assert (before, after) == (None, Obstacle.OPTED_OUT)
    assert flags(store, offers(["A"], numbers=2), DAY)[0] & Reason.OPTED_OUT
    assert store.unwanted().opted_out == 1


def test_a_no_is_kept_whatever_becomes_of_the_proposal(store: Store) -> None:
    """Of a contact that it refuses, of one who is not in the table, and once: the first moment stands."""
    assert flags(store, offers(["A"])) == [0]
    rows = store.verify_chain(None).rows

    found = store.settle("spring", offers(["B"]), NOON, said_no=["B", "A"])
    store.settle("spring", offers(["B"]), NOON + DAY, said_no=["B", "A"])

    assert found.refused.tolist() == [Reason.OPTED_OUT]
    assert store.unwanted().opted_out == 2
    assert store.verify_chain(None).rows == rows + 2


def test_silence_costs_nothing_and_is_recorded(store: Store) -> None:
    """A row that contacts nobody is recorded with an empty budget, for the suppressed too."""
    store.campaigns.set_limit("spring", 0, NOON)
    store.suppress("A", NOON)

    assert flags(store, silence(["A", "B"])) == [0, 0]
    assert store.read("spring", ["A", "B"], NOON).history.decisions_made.tolist() == [1, 1]


def test_a_decision_in_between_refuses_the_later_one(store: Store) -> None:
    """Two callers read the same customer: the second is told to read again, and nothing is recorded."""
    first = flags(store, silence(["A"], numbers=0))
    second = flags(store, offers(["A"], numbers=0))
    skipped = flags(store, offers(["A"], numbers=2))

    assert (first, second, skipped) == ([0], [Reason.STATE_UNREADABLE], [Reason.STATE_UNREADABLE])
    assert store.read("spring", ["A"], NOON).history.decisions_made.tolist() == [1]


def test_earlier_rows_of_a_batch_count(store: Store) -> None:
    """The same customer twice: the second contact meets the caps, with the old number it is overtaken."""
    both = Reason.CAP_7_DAYS | Reason.COOLDOWN

    refused = flags(store, offers(["A", "A", "A"], numbers=[0, 1, 0]))

    assert refused == [0, both, Reason.STATE_UNREADABLE]


@pytest.mark.parametrize(
    ("later", "wanted"),
    [
        (timedelta(0), Reason.CAP_7_DAYS | Reason.COOLDOWN),
        (7 * DAY - timedelta(microseconds=1), Reason.CAP_7_DAYS | Reason.COOLDOWN),
        (7 * DAY, Reason.NONE),
    ],
)
def test_the_caps_hold_against_what_the_books_hold_now(
    store: Store, later: timedelta, wanted: Reason
) -> None:
    """A contact of another campaign, decided after the read, closes the cooldown and the 7-day cap."""
    store.campaigns.open(campaign(campaign_id="other"))
    store.settle("other", offers(["A"]), NOON)

    assert flags(store, offers(["A"], at=NOON + later), later) == [wanted]


def test_two_contacts_in_30_days_are_enough(store: Store) -> None:
    """Days 0 and 10 are used, day 29 is refused, on day 30 the first no longer counts."""
    flags(store, offers(["A"], numbers=0))
    flags(store, offers(["A"], numbers=1, at=NOON + 10 * DAY), 10 * DAY)

    assert flags(store, offers(["A"], numbers=2, at=NOON + 29 * DAY), 29 * DAY) == [Reason.CAP_30_DAYS]
    assert flags(store, offers(["A"], numbers=2, at=NOON + 30 * DAY), 30 * DAY) == [0]


def test_a_cooldown_may_be_longer_than_the_windows(store: Store) -> None:
    """With 40 days of cooldown a contact of 39 days ago still closes, one of 40 does not."""
    store.campaigns.open(campaign(campaign_id="slow", caps=Caps(1, 2, 2, 40, 6)))
    store.settle("slow", offers(["A"]), NOON)

    early = store.settle("slow", offers(["A"], numbers=1, at=NOON + 39 * DAY), NOON + 39 * DAY)
    late = store.settle("slow", offers(["A"], numbers=1, at=NOON + 40 * DAY), NOON + 40 * DAY)

    assert early.refused.tolist() == [Reason.COOLDOWN]
    assert late.refused.tolist() == [0]


def test_caps_of_zero_mean_never(store: Store) -> None:
    """A campaign that allows no contact gives none, to customers never seen either."""
    store.campaigns.open(campaign(campaign_id="mute", caps=Caps(0, 0, 0, 7, 6)))

    refused = store.settle("mute", offers(["A"]), NOON).refused

    assert refused.tolist() == [Reason.CAP_7_DAYS | Reason.CAP_30_DAYS]


def test_consent_withdrawn_since_the_read_refuses(store: Store) -> None:
    """Every reason is given, not only the first."""
    store.suppress("A", NOON)
    store.opt_out("A", NOON)
    store.opt_out("B", NOON)

    assert flags(store, offers(["A", "B"])) == [Reason.SUPPRESSED | Reason.OPTED_OUT, Reason.OPTED_OUT]


def test_a_campaign_that_is_over_contacts_nobody(store: Store) -> None:
    """Closed since the read: contacts are refused, silence is recorded."""
    store.campaigns.close("spring", NOON)

    assert flags(store, offers(["A"])) == [Reason.NO_CAMPAIGN]
    assert flags(store, silence(["A"])) == [0]


def test_without_a_campaign_silence_is_recorded(store: Store) -> None:
    """Decisions without a campaign are numbered by themselves and never reserve."""
    nothing = silence(["A"], reasons=np.array([int(Reason.NO_CAMPAIGN)]))

    first = store.settle(None, nothing, NOON)
    again = store.settle(None, nothing, NOON)
    second = store.settle(None, replace(nothing, decision_numbers=np.array([1])), NOON)
    contact = store.settle(None, offers(["B"], needs=0, contact=0), NOON)

    assert first.refused.tolist() == second.refused.tolist() == [0]
    assert first.decision_ids != second.decision_ids
    assert again.refused.tolist() == [Reason.STATE_UNREADABLE]
    assert contact.refused.tolist() == [Reason.NO_CAMPAIGN]
    assert store.decision(first.decision_ids[0]).campaign_id is None
    assert store.read(None, ["A"], NOON).history.decisions_made.tolist() == [2]


def test_a_key_is_settled_once(store: Store) -> None:
    """The same key gives the same answer, refusals included, another day and another budget."""
    store.campaigns.set_limit("spring", 1_000, NOON)
    batch = offers(["A", "B", "C"], needs=[1_000, 1, 0], contact=0)
    first = store.settle("spring", batch, NOON, "k")

    store.campaigns.set_limit("spring", 500_000, NOON)
    again = store.settle("spring", batch, NOON + 16 * DAY, "k")

    assert first.refused.tolist() == again.refused.tolist() == [0, Reason.BUDGET, 0]
    assert first.decision_ids == again.decision_ids
    assert store.verify("spring", NOON).reserved_minor == 1_000


@pytest.mark.parametrize("ids", [["A"], ["A", "C"]], ids=["fewer", "others"])
def test_a_key_belongs_to_its_customers(store: Store, ids: list[str]) -> None:
    """A key that comes back with other customers is refused, and nothing is recorded."""
    store.settle("spring", offers(["A", "B"]), NOON, "k")

    with pytest.raises(LedgerError, match="key 'k' was used for other customers"):
        store.settle("spring", offers(ids, numbers=1), NOON, "k")
    assert store.verify("spring", NOON).reserved_minor == 2_000


def test_an_empty_batch_settles_to_nothing(store: Store) -> None:
    """No proposals, no record."""
    settled = store.settle("spring", offers([]), NOON, "k")

    assert list(settled.decision_ids) == settled.refused.tolist() == []


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"needs_minor": np.array([1_000, 99])}, "proposal 1 needs less than its contact costs"),
        ({"contact_minor": np.array([-1, 0])}, "proposal 0 needs less than its contact costs"),
        ({"choice": np.array([3, 0], dtype=np.int8)}, "proposal 1 reserves money without a contact"),
        ({"expires_on": [NOON.date(), None]}, "proposal 1 reserves money until no day"),
        ({"expires_on": [(NOON - DAY).date(), NOON.date()]}, "proposal 0 reserves money until no day"),
        ({"delay_days": np.array([0, 8], dtype=np.int8)}, "proposal 1 waits for other than 0 to 7 days"),
        ({"delay_days": np.array([-1, 7], dtype=np.int8)}, "proposal 0 waits for other than 0 to 7 days"),
        ({"send_at": [NOON, None]}, "proposal 1 contacts at no moment"),
        ({"send_at": [NOON.replace(tzinfo=None), NOON]}, "proposal 0 contacts at no moment"),
    ],
)
def test_proposals_that_contradict_themselves_are_refused(
    store: Store, changes: dict[str, object], match: str
) -> None:
    """The row and its fault are named, and the whole batch leaves no trace."""
    with pytest.raises(LedgerError, match=match):
        store.settle("spring", replace(offers(["A", "B"]), **changes), NOON)  # type: ignore[arg-type]

    assert store.read("spring", ["A", "B"], NOON).history.decisions_made.tolist() == [0, 0]


def test_a_batch_has_a_largest_size(store: Store) -> None:
    """One row more than 2^20 would run into the next settlement's numbers."""

    class Endless(Proposals):
        """Says that it has more rows than it holds."""

        def __len__(self) -> int:
            return 2**20 + 1

    plain = offers([])
    endless = Endless(**{name: getattr(plain, name) for name in Proposals.__slots__})

    with pytest.raises(LedgerError, match="wanted at most 1048576"):
        store.settle("spring", endless, NOON)
    assert len(endless) == 1_048_577


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    """`now`, and every moment of a proposal, must say when it is."""
    naive = offers(["A"], decided_at=NOON.replace(tzinfo=None))

    with pytest.raises(LedgerError, match="time 2026-03-03T17:00:00 has no zone"):
        store.settle("spring", naive, NOON)
    with pytest.raises(LedgerError, match="has no zone"):
        store.settle("spring", offers(["A"]), NOON.replace(tzinfo=None))
