"""`churn-saver explain`: why a recorded decision was made as it was, and what would have changed it.

Heavy imports stand inside.
"""

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from churn_saver.evidence.explanation import Explanation, Score, Value

app = typer.Typer()


@app.command()
def explain(
    decision_id: Annotated[str, typer.Argument(metavar="ID", help="Of the decision.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as the service answers it.")] = False,
) -> None:
    """Say why a decision was made as it was, and the smallest changes that would have changed it."""
    from churn_saver.cli.replaying import recorded
    from churn_saver.config import environment
    from churn_saver.decide.explaining import explain as explained

    record, campaign, predictors, rules = recorded(decision_id, environment(os.environ))
    found = explained(record, campaign, predictors, rules)
    if as_json:
        from churn_saver.serve.explained import to_explanation

        typer.echo(to_explanation(found).model_dump_json(indent=2))
        return
    _show(found)


def _show(found: "Explanation") -> None:
    """Print the sentence first, then what it rests on."""
    from churn_saver.adapters.explanation_words import change_words, none_found, price_words, summary
    from churn_saver.cli.screen import say

    first = found.headline
    say(summary(found))
    say(none_found(found) if first is None else change_words(first, found.of_intended))
    _show_choices(found)
    say(price_words(found))
    _show_chances(found)
    for score in found.scores:
        _show_score(score)
    if found.missing:
        say(f"not known to the models: {', '.join(found.missing)}")
    if found.changes:
        of_what = "what was intended" if found.of_intended else "the decision"
        say(f"each of these alone would have changed {of_what}; each was decided again:")
    for change in found.changes:
        say(f"  {change_words(change, found.of_intended)}")


def _show_choices(found: "Explanation") -> None:
    from rich.table import Table

    from churn_saver.adapters import plain_words
    from churn_saver.adapters.explanation_words import choice_words
    from churn_saver.cli.screen import console, say

    table = Table("choice", title=f"Choices, {found.currency or 'currency units'}", title_justify="left")
    for heading in ("expected value", "cost", "value − λ·cost"):
        table.add_column(heading, justify="right")
    table.add_column("closed by")
    for option in found.options:
        table.add_row(
            choice_words(option.choice),
            *map(plain_words.money, (option.gain_minor, option.cost_minor, option.worth_minor)),
            ", ".join(option.closed_by),
            style="bold" if option.choice == found.choice else "",
        )
    console.print(table)
    for word in dict.fromkeys(word for option in found.options for word in option.closed_by):
        say(f"{word}: {plain_words.reason(word)}")


def _show_chances(found: "Explanation") -> None:
    from churn_saver.adapters.plain_words import UNKNOWN
    from churn_saver.cli.screen import say

    chances = {
        "of the intended action": found.probability,
        "of the customer's arm": found.arm_probability,
        "of the wording": found.message_probability,
    }
    told = (f"{name} {UNKNOWN if chance is None else f'{chance:.4g}'}" for name, chance in chances.items())
    say(f"probability {', '.join(told)}")


def _show_score(score: "Score") -> None:
    from rich.table import Table

    from churn_saver.cli.screen import console, say
    from churn_saver.evidence.explanation import MOST_SHARES

    if score.margin is None:
        say(f"{score.name} {score.probability:.1%}, as the caller sent it")
        return
    say(f"{score.name} {score.probability:.1%}, of log-odds {score.margin:+.4f} before calibration:")
    table = Table("input", "value")
    table.add_column("log-odds", justify="right")
    table.add_row("start", "", f"{score.base:+.4f}")
    for share in score.shares:
        table.add_row(share.name, _told(share.value), f"{share.log_odds:+.4f}")
    if len(score.shares) == MOST_SHARES:
        table.add_row("all others", "", f"{score.rest:+.4f}")
    console.print(table)


def _told(value: "Value") -> str:
    from churn_saver.adapters.plain_words import UNKNOWN

    if value is None:
        return UNKNOWN
    return value if isinstance(value, str) else f"{value:,.6g}"
