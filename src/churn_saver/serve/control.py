"""The routes of the switches and the budget: read them, set them; processes obey within two seconds."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Request

from churn_saver.domain.money import to_minor, to_units
from churn_saver.errors import CampaignError
from churn_saver.serve import documented
from churn_saver.serve.asking import books, documented_refusals
from churn_saver.serve.keys import Access, Role
from churn_saver.serve.reports import BudgetPart, ControlAnswer, ControlRequest
from churn_saver.serve.routes import Lane, needs
from churn_saver.serve.runtime import Clock, Runtime
from churn_saver.serve.telemetry import trace_of
from churn_saver.store import Limit, Store

NAMELESS = "unknown"


def add_control(router: APIRouter, runtime: Runtime, clock: Clock, access: Access) -> None:
    """Add switches and budget; whoever may operate throws a switch, a budget is for administrators."""

    @router.get(
        "/control",
        summary="Read switches and budget",
        responses=documented.example("control") | documented_refusals(Role.OPERATE),
        **needs(Role.OPERATE, Lane.CONTROL),
    )
    def read() -> ControlAnswer:
        """Give switches and budget as they stand in the ledger."""
        with books(runtime, clock) as store:
            return _answer(store, clock())

    @router.put(
        "/control",
        summary="Throw the switches, change the budget",
        responses=documented.example("control") | documented_refusals(Role.OPERATE, 409),
        **needs(Role.OPERATE, Lane.CONTROL),
    )
    def throw(
        request: Annotated[ControlRequest, Body(openapi_examples=documented.CONTROL_REQUESTS)], http: Request
    ) -> ControlAnswer:
        """Set both switches, and with `limit` the open campaign's budget: all of it, or nothing.

        This process obeys at once, all others within two seconds. A limit wants the role admin; one below
        what is reserved and spent is 409, which names the least possible one.
        """
        by = trace_of(http.scope).caller or NAMELESS
        if request.limit is not None:
            access.admit(http.headers, Role.ADMIN)
        with books(runtime, clock) as store:
            now = clock()
            limit = None if request.limit is None else _limit(store, request.limit, now)
            store.set_control(request.baseline, request.stopped, by, now, limit)
            runtime.switches.heed()
            return _answer(store, now)


def _limit(store: Store, units: float, now: datetime) -> Limit:
    campaign = store.campaigns.current(now)
    if campaign is None:
        raise CampaignError("no campaign is open whose limit could be changed; nothing was changed")
    return Limit(campaign.campaign_id, to_minor(units, "limit"))


def _answer(store: Store, now: datetime) -> ControlAnswer:
    found = store.control()
    return ControlAnswer(
        baseline=found.baseline,
        stopped=found.stopped,
        changed_at=found.changed_at,
        changed_by=found.changed_by or None,
        budget=_budget(store, now),
    )


def _budget(store: Store, now: datetime) -> BudgetPart | None:
    campaign = store.campaigns.current(now)
    if campaign is None:
        return None
    totals = store.campaigns.totals(campaign.campaign_id, now)
    return BudgetPart(
        campaign=campaign.campaign_id,
        currency=campaign.currency,
        limit=to_units(totals.limit_minor),
        free=to_units(totals.free_minor),
        reserved=to_units(totals.reserved_minor),
        spent=to_units(totals.spent_minor),
    )
