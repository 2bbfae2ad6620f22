"""`churn-saver compare`: whether a challenger may become champion.

Heavy imports stand inside.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import InputError, quoted

if TYPE_CHECKING:
    from churn_saver.config import Environment, ProtocolSettings
    from churn_saver.domain.logbook import Logbook
    from churn_saver.evidence.decision_columns import Flags
    from churn_saver.evidence.fairness import Measure
    from churn_saver.evidence.logged import Floats, Whole
    from churn_saver.evidence.shadowed import Beside
    from churn_saver.journey import Rules
    from churn_saver.pipeline.comparing import Again, Compared, Terms
    from churn_saver.pipeline.evaluating import AskRung
    from churn_saver.store import Store
    from churn_saver.store.protocols import Protocol
    from churn_saver.tabular.predictors import Predictors

app = typer.Typer()
FAILED = 3
"""Exit code where the gate does not let the challenger pass."""
PAGE, REPORT = "comparison.html", "comparison.json"
DAYS, REWARD, REPLAYS = 30, "retained", 50
"""Where neither the command line nor a protocol says otherwise."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says of the terms; None: as the protocol, else as usual."""

    days: int | None
    reward: str | None
    fairness: Sequence[str]
    override: str | None


@app.command()
def compare(
    challenger: Annotated[str, typer.Argument(help="A version, a rung, or a trained policy's file.")],
    champion: Annotated[str, typer.Argument(help="The same, of who decides now.")],
    campaign: Annotated[str, typer.Option(help="On whose decisions.")],
    days: Annotated[
        int | None, typer.Option(help=f"After which all are judged; as its protocol, or {DAYS}.", min=1)
    ] = None,
    reward: Annotated[
        str | None, typer.Option(help=f"retained | margin; as its protocol, or {REWARD}.")
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="Of the customers, the challenger's; of a version it is known.")
    ] = None,
    fairness: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=BOUND: most that a group may lose by the change. Repeat as needed."),
    ] = None,
    override: Annotated[
        str | None, typer.Option(help="Why a group may lose more; stands in the verdict.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the verdict, as evidence.")] = None,
    out: Annotated[Path | None, typer.Option(help=f"Folder for {PAGE} and {REPORT}.")] = None,
) -> None:
    """Say whether a challenger may become champion; exit code 3 where it may not, with every reason."""
    from churn_saver.adapters.canonical import canonical
    from churn_saver.adapters.comparison_page import comparison_page
    from churn_saver.adapters.files import write_bytes
    from churn_saver.cli.comparison_tables import show_comparison
    from churn_saver.cli.screen import say

    if challenger == champion:
        raise InputError(f"challenger and champion are both {quoted(challenger)}, wanted two that differ")
    wishes = Wishes(days, reward, fairness or (), override)
    found, shadow = _found((challenger, champion), campaign, share, wishes)
    show_comparison(found.verdict, found.document, shadow)
    written = canonical(found.document)
    if out is not None:
        write_bytes(out / REPORT, written)
        page = comparison_page(found.evidence, found.verdict, found.document, shadow)
        write_bytes(out / PAGE, page.encode())
        say(f"report     {out / PAGE}")
    if file is not None:
        write_bytes(file, written)
        say(f"evidence   {file}")
    if not found.verdict.passes:
        raise typer.Exit(FAILED)


def _found(
    names: tuple[str, str], campaign: str, share: float | None, wishes: Wishes
) -> "tuple[Compared, Beside | None]":
    from churn_saver.config import environment
    from churn_saver.evidence.shadowed import told
    from churn_saver.opening import open_books
    from churn_saver.pipeline.comparing import compared
    from churn_saver.pipeline.sides import sides_of

    variables = environment(os.environ)
    with open_books(variables) as store:
        log, recorded = store.logbook(campaign), store.protocols.of(campaign)
        sides, versions = sides_of(store, log, *names, share)
        terms, look = _terms(log, recorded, wishes, variables)
        protocol = None if recorded is None else recorded.digest
        shadow = _shadow(store, log, sides.by_champion, terms, versions["challenger_version"])
        written = None if shadow is None else told(shadow)
        about = {**versions, "protocol": protocol, "look": look, "shadow": written}
        ask, again = _ask(store, variables), _again(store, log, variables)
        return compared(log, sides, terms, ask, again, about), shadow


def _terms(
    log: "Logbook", recorded: "Protocol | None", wishes: Wishes, variables: "Environment"
) -> "tuple[Terms, str]":
    """Say by what the gate judges, and what a reader must know of the look."""
    from churn_saver.evidence.lift import LEVEL
    from churn_saver.opening import read_settings
    from churn_saver.pipeline.booked import Asked
    from churn_saver.pipeline.comparing import Terms
    from churn_saver.pipeline.following import Window, arms_of
    from churn_saver.pipeline.looking import judged

    env, now = read_settings(variables)[0], datetime.now(UTC)
    bounds = _bounds(wishes.fairness)
    if recorded is None:
        asked = Asked(_reward(wishes.reward or REWARD), wishes.days or DAYS, env.margin_share, now)
        return Terms(asked, LEVEL, 0.0, bounds, wishes.override, REPLAYS), (
            f"No protocol was written before the campaign began: {100 * LEVEL:g} %, as for an only look."
        )
    protocol = _protocol(recorded, log.campaign.campaign_id)
    _refuse_others(protocol, wishes)
    asked = Asked(protocol.metric, protocol.days, env.margin_share, now)
    window = Window(protocol.days, env.margin_share, now)
    look = judged(log.campaign, arms_of(log, window), window, protocol)
    gate = protocol.gate
    return (
        Terms(asked, look.level, gate.least_gain, protocol.fairness, wishes.override, gate.replays),
        look.sentence,
    )


def _reward(word: str) -> str:
    from churn_saver.pipeline.booked import REWARDS

    if word not in REWARDS:
        raise InputError(f"--reward is {quoted(word)}, wanted one of: {', '.join(REWARDS)}")
    return word


def _protocol(recorded: "Protocol", campaign_id: str) -> "ProtocolSettings":
    from churn_saver.config import ProtocolSettings
    from churn_saver.config.reading import validated

    return validated(ProtocolSettings, json.loads(recorded.body), f"protocol of campaign {campaign_id!r}")


def _refuse_others(protocol: "ProtocolSettings", wishes: Wishes) -> None:
    """Refuse terms that are not those that were written down before anybody could look."""
    for name, wanted, stated in (
        ("--days", wishes.days, protocol.days),
        ("--reward", wishes.reward, protocol.metric),
        ("--fairness", wishes.fairness or None, "its own"),
    ):
        if wanted is not None and wanted != stated:
            raise InputError(
                f"{name} is {quoted(str(wanted))}, and the campaign's protocol says {stated}: leave it out. "
                "Whoever wants other terms opens another campaign"
            )


def _bounds(pairs: Sequence[str]) -> "dict[str, dict[Measure, float]]":
    from churn_saver.pipeline.comparing import LOSS

    found: dict[str, dict[Measure, float]] = {}
    for pair in pairs:
        column, equals, text = pair.partition("=")
        try:
            bound = float(text)
        except ValueError:
            bound = -1.0
        if not (column and equals and 0 <= bound < float("inf")):
            raise InputError(
                f"--fairness is {quoted(pair)}, wanted COLUMN=BOUND with a bound of 0 or more, such as "
                "senior_citizen=0.02"
            )
        found[column] = {LOSS: bound}
    return found


def _ask(store: "Store", variables: "Environment") -> "AskRung":
    from churn_saver.domain.versions import may_name
    from churn_saver.pipeline.asking_rungs import ask_rung, ask_version

    def ask(name: str, log: "Logbook", rows: "Whole") -> "Floats":
        if may_name(name):
            return ask_version(store.registry.find(name).version.digest, log, rows, variables)
        return ask_rung(name, log, rows, variables, False)

    return ask


def _shadow(
    store: "Store", log: "Logbook", by_champion: "Flags", terms: "Terms", version: str | None
) -> "Beside | None":
    """Give what the challenger would have done while it was a shadow; None: it never was one here."""
    from churn_saver.pipeline.shadows import beside

    if version is None:
        return None
    kept = store.shadows.of(log.campaign.campaign_id, version)
    return beside(log, kept, by_champion, terms.asked, terms.level)


def _again(store: "Store", log: "Logbook", variables: "Environment") -> "Again":
    from churn_saver.cli.replaying import recorded
    from churn_saver.decide.replaying import replay

    at_hand: dict[tuple[str, str], tuple[Predictors | None, Rules]] = {}

    def again(decision_id: str) -> Sequence[str]:
        record = store.decision(decision_id)
        # What a decision was made with is looked for once for all that name the same.
        made_with = (record.policy, record.models)
        if made_with not in at_hand:
            _, _, predictors, rules = recorded(decision_id, variables)
            at_hand[made_with] = (predictors, rules)
        return replay(record, log.campaign, *at_hand[made_with]).differing

    return again
