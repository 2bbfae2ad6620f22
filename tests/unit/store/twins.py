"""The store and the one-thread model of it, told the same things by a state machine."""

import itertools
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from churn_saver.errors import CampaignError, LedgerError
from churn_saver.store import Store
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.unit.store.moving import post_offer, void
from tests.unit.store.plain_books import PlainBooks


class Twins(RuleBasedStateMachine):
    """Tells the store and the plain books the same things."""

    contacts: Bundle[str] = Bundle("contacts")
    names = itertools.count()

    def __init__(self, store: Store) -> None:
        """Begin a campaign of its own."""
        super().__init__()
        self.store, self.now, self.plain = store, NOON, PlainBooks(5_000)
        self.id = f"campaign-{next(self.names)}"
        store.campaigns.open(campaign(campaign_id=self.id, limit_minor=5_000, horizon_days=3_650))

    @rule(
        target=contacts,
        asks=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 1_500)), min_size=1, max_size=4),
        days=st.integers(0, 5),
    )
    def settle(self, asks: list[tuple[int, int]], days: int) -> MultipleResults[str]:
        """Propose contacts to customers never seen, in one batch."""
        names = [f"customer-{next(self.names)}" for _ in asks]
        last_day = (self.now + days * DAY).date()
        batch = offers(names, [sum(ask) for ask in asks], at=self.now, expires_on=last_day)
        batch.contact_minor[:] = [contact for contact, _ in asks]

        settled = self.store.settle(self.id, batch, self.now, names[0])
        again = self.store.settle(self.id, batch, self.now, names[0])
        fits = [
            self.plain.settle(decision, *ask, last_day)
            for decision, ask in zip(
                (one or name for one, name in zip(settled.decision_ids, names, strict=True)),
                asks,
                strict=True,
            )
        ]

        assert (settled.refused == 0).tolist() == fits
        assert list(settled.decision_ids) == list(again.decision_ids)
        return multiple(*(one for one in settled.decision_ids if one))

    @rule(decision=contacts, part=st.sampled_from(["contact", "offer"]))
    def post(self, decision: str, part: str) -> None:
        """Report a message as sent, or an offer as accepted."""
        tell = self.store.outbox.sent if part == "contact" else partial(post_offer, self.store)

        wanted = self.plain.post(decision, part)
        if wanted is None:
            with pytest.raises(LedgerError, match="released"):
                tell(decision, self.now)
        else:
            assert tell(decision, self.now) == wanted

    @rule(decision=contacts)
    def void(self, decision: str) -> None:
        """Report that nothing came of it."""
        assert void(self.store, decision, self.now) == self.plain.void(decision)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        """Let days go by: nothing runs."""
        self.now += days * DAY
        self.plain.wait(self.now.date())

    @rule(limit=st.integers(0, 8_000))
    def change_limit(self, limit: int) -> None:
        """Change the budget, or be told the least possible one."""
        totals = self.plain.totals()
        if limit < totals.reserved_minor + totals.spent_minor:
            with pytest.raises(CampaignError, match="least possible limit"):
                self.store.campaigns.set_limit(self.id, limit, self.now)
        else:
            self.store.campaigns.set_limit(self.id, limit, self.now)
            self.plain.limit = limit

    @invariant()
    def add_up(self) -> None:
        """The limit is free + reserved + spent, nothing negative, and the same as in the plain books."""
        totals = self.store.verify(self.id, self.now)

        assert totals == self.plain.totals()
        assert totals.limit_minor == totals.free_minor + totals.reserved_minor + totals.spent_minor
        assert min(totals.free_minor, totals.reserved_minor, totals.spent_minor) >= 0


def agree(store: Store, examples: int, steps: int) -> None:
    """Tell both that many stories of up to that many steps; fail where they differ."""

    class Bound(Twins):
        """The machine takes no argument."""

        def __init__(self) -> None:
            super().__init__(store)

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)
        ),
    )
