"""Open predictors, policy, messages and books, and put them together."""

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from churn_saver.adapters import artifacts
from churn_saver.config import Environment
from churn_saver.decide import FORCE_BASELINE, Engine
from churn_saver.domain.versions import Roles
from churn_saver.errors import ArtifactError
from churn_saver.journey import Rules
from churn_saver.opening.campaigns import begin_default
from churn_saver.opening.messages import open_bank
from churn_saver.opening.places import ledger_url, model_folder
from churn_saver.opening.policies import Degradation, open_policy, require_installed
from churn_saver.opening.settings import read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.opening.versions import following
from churn_saver.store import Store, open_store
from churn_saver.tabular.predictors import Predictors

PREDICTORS_UNAVAILABLE = "predictors_unavailable"


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and what it has to do without; leaving it lets go of the books."""

    engine: Engine
    degraded: tuple[Degradation, ...]

    def __enter__(self) -> "Opened":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.store.close()


def open_predictors(environment: Environment) -> tuple[Predictors | None, tuple[Degradation, ...]]:
    """Load the predictors, each file verified before it is parsed.

    Returns:
        The predictors, or None with the reason: by wish, or because an artefact cannot be used.
    """
    if environment.FORCE_BASELINE:
        return None, (Degradation(FORCE_BASELINE, None),)
    try:
        return artifacts.load(model_folder(environment)), ()
    except ArtifactError as error:
        return None, (Degradation(PREDICTORS_UNAVAILABLE, str(error)),)


def open_books(environment: Environment) -> Store:
    """Open the ledger, made and migrated where needed.

    Raises:
        ConfigError: the ledger would be a file on Cloud Run.
        LedgerUnavailable: the database cannot be reached or migrated.
    """
    return open_store(ledger_url(environment))


def open_engine(environment: Environment, now: datetime) -> Opened:
    """Open everything that decisions are made with.

    Args:
        environment: Where things lie.
        now: Aware, UTC; the default campaign starts here.

    Raises:
        ConfigError: settings cannot be used, or name the exact policy where numba is not installed.
        LedgerUnavailable: the database cannot be reached or migrated.
        ArtifactError: an empty ledger needs a campaign, and the shipped price cannot be read; or a version
            that is to decide cannot be loaded.
    """
    env, serve, _ = read_settings(environment)
    require_installed(environment, serve)
    decider, no_policy = open_policy(environment, env, serve)
    bank, no_bank = open_bank(environment)
    judge, no_judge = open_toxicity()
    predictors, degraded = open_predictors(environment)
    store = open_books(environment)
    lacks = (*no_policy, *no_bank, *no_judge)
    try:
        begin_default(store, env, serve, now)
        roles = Roles() if environment.FORCE_BASELINE else store.control().roles
        if roles.champion is not None:
            # What settings and folders name does not decide, so that nothing of it is missed.
            degraded, lacks = (), (*no_bank, *no_judge)
        notes = tuple(f"{lack.code}: {lack.fault}" for lack in lacks)
        named = Engine(store, predictors, Rules.of(env, serve, decider, bank, judge), notes)
        engine = following(named, env, roles)
    except BaseException:
        store.close()
        raise
    return Opened(engine, (*degraded, *lacks))
