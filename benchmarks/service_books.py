"""The ledger of `service.py`: a known population before the load, and after it every number looked at twice.

Known means: decided once, sixty days ago, in a campaign that is over, by the very path that a table goes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.service_k6 import Answers
from benchmarks.service_mix import columns
from churn_saver.config import Environment
from churn_saver.decide import Engine
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.errors import LedgerError
from churn_saver.journey import Situation, retain, seated
from churn_saver.opening import open_engine, read_settings
from churn_saver.opening.campaigns import campaign_for
from churn_saver.serve.wire import PredictRequest, to_table
from churn_saver.store import Store, Totals, open_store, sqlite_url

CAMPAIGN, EARLIER = "load", "earlier"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
KNOWN_SINCE = timedelta(days=60)
MINOR_PER_CUSTOMER = 2_000
"""More than a contact with the largest bill and discount costs, and nobody gets two of them in a week."""
DURABLE = "max_connections = 300\n"
"""Settings of PostgreSQL: what it has by itself, so that a commit is on the disk."""
_PART_ROWS = 5_000

Counts = Mapping[tuple[str, str], int]
"""(offer, rung) → decisions, named as on the page of metrics."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of metrics says."""

    decisions: Counts
    money: Mapping[str, int]
    """Of the campaign of the load, minor units: limit, free, reserved, spent."""
    waiting: int
    """Requests that wait or are being decided."""


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty ledger whose commits are on the disk; a server is started and removed again.

    Raises:
        SystemExit: the packages of a server are not there.
    """
    if kind == SQLITE:
        yield sqlite_url(folder / "ledger.db")
        return
    try:
        from tests.postgres import running
    except ImportError as error:
        raise SystemExit(
            f"service: PostgreSQL cannot be started: {error}. Install it: pip install "
            "'churn-saver[dev,postgres]'"
        ) from None
    with running(DURABLE) as server, server.database() as url:
        yield url


def populate(url: str, customers: int, now: datetime, progress: Progress) -> None:
    """Let a ledger know so many customers, and open the campaign of the load."""
    then = now - KNOWN_SINCE
    with open_store(url) as store:
        store.campaigns.open(_campaign(EARLIER, then, customers))
    with open_engine(Environment(DATABASE_URL=url), then) as opened:
        for start in range(0, customers, _PART_ROWS):
            numbers = range(start, min(start + _PART_ROWS, customers))
            _decided(opened.engine, _table(numbers), then)
            progress("knowing customers", numbers.stop, customers)
        opened.engine.store.campaigns.close(EARLIER, now)
        opened.engine.store.campaigns.open(_campaign(CAMPAIGN, now, customers))


def _campaign(name: str, starts_at: datetime, customers: int) -> Campaign:
    env, serve, _ = read_settings(Environment())
    limit_minor = MINOR_PER_CUSTOMER * customers
    drawn = campaign_for(
        env, serve, starts_at, campaign_id=name, limit_minor=limit_minor, customers=customers
    )
    return replace(drawn, salt=name)


def _table(numbers: Sequence[int]) -> Customers:
    return to_table([PredictRequest.model_validate(columns(number)) for number in numbers])


def _decided(engine: Engine, customers: Customers, then: datetime) -> None:
    known = engine.store.read(EARLIER, customers.ids, then)
    situation = Situation(known.history, known.campaign, known.free_minor, then)
    seat = seated(engine.rules, known.campaign, engine.predictors)
    made = retain(customers, situation, engine.predictors, seat.price, seat.rules)
    settled = engine.store.settle(EARLIER, made, then, key=customers.ids[0])
    if settled.refused.any():
        raise SystemExit("service: the ledger refused a decision of sixty days ago, wanted all recorded")


def counted(store: Store) -> Counts:
    """Count what the ledger decided in the campaign of the load."""
    found: Counter[tuple[str, str]] = Counter()
    for some in store.records(campaign_id=CAMPAIGN):
        for choice, policy in zip(some["choice"], some["policy"], strict=True):
            found[_offer(int(str(choice))), str(policy).partition("@")[0]] += 1
    return found


def _offer(choice: int) -> str:
    return "none" if choice == NO_CONTACT else str(OFFER_PERCENTS[Action.of_choice(choice).offer_idx])


def read_page(text: str) -> Page:
    """Read the page of metrics as Prometheus does."""
    decisions: Counter[tuple[str, str]] = Counter()
    money, waiting = dict[str, int](), 0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels, value = sample.labels, int(sample.value)
            if sample.name == "churn_saver_decisions_total":
                decisions[labels["offer"], labels["rung"]] += value
            elif sample.name == "churn_saver_money_minor" and labels["campaign"] == CAMPAIGN:
                money[labels["part"]] = value
            elif sample.name in ("churn_saver_waiting", "churn_saver_in_flight"):
                waiting += value
    return Page(decisions, money, waiting)


def told(*answers: Answers) -> range:
    """Give how many decisions there may be that these answers tell of.

    Each request that was answered is one, but for those sent again. Where some were refused, one sent again
    may be the first that was decided; what got no answer may have been decided all the same; what was
    answered degraded may have had to do without the ledger, or not.
    """
    least = sum(one.ok - one.again for one in answers)
    most = least
    for one in answers:
        unknown = one.degraded + one.wrong
        most += unknown + (one.again if one.refused + one.dropped + unknown else 0)
    return range(least, most + 1)


def faults(store: Store, before: Counts, page: Page, told: range, now: datetime) -> list[str]:
    """Say where ledger, metrics and answers differ, and where the ledger differs from itself.

    Args:
        store: The ledger.
        before: What it had decided when the service began to count.
        page: Of the service, at rest.
        told: How many decisions there may be.
        now: Aware.
    """
    after = counted(store)
    try:
        totals = store.verify(CAMPAIGN, now)
        store.verify_chain(CAMPAIGN)
    except LedgerError as error:
        return [str(error)]
    made = {key: n - before.get(key, 0) for key, n in after.items() if n != before.get(key, 0)}
    return differences(made, totals, page, told)


def differences(made: Counts, totals: Totals, page: Page, told: range) -> list[str]:
    """Compare the ledger with the page of metrics and with what was answered."""
    found = [
        f"decisions with offer {offer} by {rung}: {made.get((offer, rung), 0):,} in the ledger, "
        f"{page.decisions.get((offer, rung), 0):,} in the metrics"
        for offer, rung in sorted({*made, *page.decisions})
        if made.get((offer, rung), 0) != page.decisions.get((offer, rung), 0)
    ]
    if (n := sum(made.values())) not in told:
        found.append(f"{n:,} decisions in the ledger, callers were told of {told[0]:,} to {told[-1]:,}")
    own = {part: int(getattr(totals, f"{part}_minor")) for part in ("limit", "free", "reserved", "spent")}
    if own != page.money:
        found.append(f"money is {own} in the ledger, {dict(page.money)} in the metrics")
    if own["limit"] != own["free"] + own["reserved"] + own["spent"]:
        found.append(f"limit is not free + reserved + spent: {own}")
    if page.waiting:
        found.append(f"{page.waiting:,} requests still wait or are being decided")
    return found
