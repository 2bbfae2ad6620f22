"""Find the messages that are served: the bank of approved ones, and who writes while a customer waits."""

from pathlib import Path

from churn_saver.adapters.banks import read_bank
from churn_saver.config import Environment, ServeSettings
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey.text import LiveWriter
from churn_saver.message.bank import Bank
from churn_saver.opening.places import bank_folder, live_folder, shipped_bank_folder
from churn_saver.opening.policies import Degradation

BANK_UNAVAILABLE, LIVE_UNAVAILABLE = "bank_unavailable", "live_unavailable"
_INSTEAD = "plain sentences are sent instead of messages of the bank"


def open_bank(environment: Environment) -> tuple[Bank | None, tuple[Degradation, ...]]:
    """Load the bank, its hash compared before a line is read; with the kill switch on nobody looks for it.

    A bank that was made here is served once one of its messages is approved, the shipped one till then.

    Args:
        environment: Where it lies.

    Returns:
        The bank, or None with the reason why plain sentences are sent instead.
    """
    if environment.FORCE_BASELINE:
        return None, ()
    try:
        return _bank(environment), ()
    except ArtifactError as error:
        return None, (Degradation(BANK_UNAVAILABLE, f"{_INSTEAD}: {error}"),)


def open_live(
    environment: Environment, serve: ServeSettings
) -> tuple[LiveWriter | None, tuple[Degradation, ...]]:
    """Load the live writer, if one is asked for; with the kill switch on nobody looks for it.

    Args:
        environment: Where its model lies.
        serve: Whether it is asked for, and its deadline.

    Returns:
        The writer, or None; with the reason where one is asked for and the bank answers instead.
    """
    if environment.FORCE_BASELINE or not serve.live:
        return None, ()
    from churn_saver.adapters.live import open_live as opened

    try:
        return opened(live_folder(environment), serve.live_deadline_ms, serve.live_threads), ()
    except (ArtifactError, ConfigError) as error:
        return None, (Degradation(LIVE_UNAVAILABLE, f"the bank answers instead of a live text: {error}"),)


def _bank(environment: Environment) -> Bank:
    """Read the bank that is to be served.

    Raises:
        ArtifactError: it cannot be used, or nothing in it is approved.
    """
    folder = bank_folder(environment)
    bank = read_bank(folder).bank
    made_here = environment.BANK_DIR is None and folder != shipped_bank_folder()
    if not bank.contexts and made_here:
        folder = shipped_bank_folder()
        bank = read_bank(folder).bank
    if not bank.contexts:
        raise ArtifactError(_unapproved(folder, bank))
    return bank


def _unapproved(folder: Path, bank: Bank) -> str:
    return (
        f"none of the {len(bank):,} in {folder} is approved. Look at them with churn-saver messages list, "
        "then churn-saver messages approve"
    )
