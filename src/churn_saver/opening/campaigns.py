"""Draw up campaigns, and open the one that a fresh server has."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from churn_saver.adapters.plain_files import read_plain
from churn_saver.config import EnvSettings, ServeSettings
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import to_minor
from churn_saver.errors import ArtifactError, InputError, LedgerError
from churn_saver.opening.places import defaults_folder
from churn_saver.policy.frontier import Frontier, price_at
from churn_saver.store import Store

PRICE, PRICE_SHA256 = "price.json", "price.sha256"
DEFAULT_SALT = "churn-saver-default"
"""Key of the default campaign's hashes. Public, so its holdout can be foreseen; a campaign of one's
own gets a secret one. The README's sample customer C12345 lies outside the default holdout under it."""


def read_frontier(folder: Path | None = None) -> Frontier:
    """Read the price of budget, its hash compared first.

    Args:
        folder: Where price.json and its SHA-256 lie; None: with what is shipped.

    Raises:
        ArtifactError: missing, altered or damaged.
    """
    path = (defaults_folder() if folder is None else folder) / PRICE
    try:
        content = read_plain(path, "install the package again")
        wanted = read_plain(path.with_name(PRICE_SHA256), "install the package again").strip()
        found = hashlib.sha256(content).hexdigest()
        if found.encode() != wanted:
            raise InputError(f"it has SHA-256 {found}, {PRICE_SHA256} says another: it was altered")
        raw = json.loads(content)
    except (InputError, ValueError, RecursionError) as error:
        raise ArtifactError(
            f"price of budget {path} cannot be read: {error}. Install the package again."
        ) from error
    if not isinstance(raw, dict):
        raise ArtifactError(f"price of budget {path} is no JSON object. Install the package again.")
    try:
        return Frontier.from_dict(raw)
    except ArtifactError as error:
        raise ArtifactError(f"price of budget {path}: {error}. Install the package again.") from error


def campaign_for(
    env: EnvSettings,
    serve: ServeSettings,
    now: datetime,
    *,
    campaign_id: str,
    limit_minor: int,
    customers: int,
    is_paced: bool = False,
) -> Campaign:
    """Draw up a campaign with the caps of env.yaml, priced before any table was decided for it.

    Its salt is the default's, which everybody knows: replace it by a secret one, so that nobody can
    foresee the holdout.

    Args:
        env: Caps and horizon.
        serve: Currency and shares.
        now: Aware start.
        campaign_id: Its name.
        limit_minor: Budget, minor units.
        customers: How many the budget is meant for, 1 or more; fixes the price.
        is_paced: Release the budget day by day.

    Raises:
        ArtifactError: the shipped price of budget cannot be read.
        CampaignError: the budget is meant for nobody, or is negative.
    """
    unpriced = Campaign(
        campaign_id=campaign_id,
        starts_at=now,
        horizon_days=env.horizon_days,
        limit_minor=limit_minor,
        customers=customers,
        currency=serve.campaign.currency,
        price=0.0,
        holdout_share=serve.campaign.holdout_share,
        exploration_share=serve.campaign.exploration_share,
        caps=env.caps.caps(),
        salt=DEFAULT_SALT,
        is_paced=is_paced,
    )
    return replace(unpriced, price=price_at(read_frontier(), limit_minor / customers))


def default_campaign(env: EnvSettings, serve: ServeSettings, now: datetime) -> Campaign:
    """Draw up the campaign that a fresh server has, as serve.yaml names it; raises as `campaign_for`."""
    own = serve.campaign
    limit_minor = to_minor(own.limit, "campaign.limit")
    return campaign_for(
        env, serve, now, campaign_id=own.id, limit_minor=limit_minor, customers=own.customers,
        is_paced=own.paced,
    )  # fmt: skip


def begin_default(store: Store, env: EnvSettings, serve: ServeSettings, now: datetime) -> None:
    """Open the default campaign in an empty ledger.

    A ledger whose campaigns are over or closed gets no new one: that is for its owner to open.

    Raises:
        LedgerUnavailable: the database does not answer.
        ArtifactError: the shipped price of budget cannot be read.
    """
    if store.campaigns.list():
        return
    try:
        store.campaigns.open(default_campaign(env, serve, now))
    except LedgerError:
        # Another process may have opened it in between.
        if not store.campaigns.list():
            raise
