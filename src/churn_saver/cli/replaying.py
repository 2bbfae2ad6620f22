"""`churn-saver replay`: make a recorded decision again, with what is at hand here.

Heavy imports stand inside.
"""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import ArtifactError

if TYPE_CHECKING:
    from churn_saver.config import Environment
    from churn_saver.domain.campaign import Campaign
    from churn_saver.journey import Rules
    from churn_saver.store import DecisionRecord
    from churn_saver.tabular.predictors import Predictors

app = typer.Typer()


@app.command()
def replay(decision_id: Annotated[str, typer.Argument(metavar="ID", help="Of the decision.")]) -> None:
    """Make a recorded decision again and compare, to the bit; names what it lacks if it cannot."""
    from churn_saver.cli.screen import note, say
    from churn_saver.config import environment
    from churn_saver.decide.replaying import replay as again

    record, campaign, predictors, rules = recorded(decision_id, environment(os.environ))
    found = again(record, campaign, predictors, rules)
    if found.differing:
        raise ArtifactError(
            f"decision {record.decision_id!r}, made again, differs in {', '.join(found.differing)}. What it "
            "was made with is here under the same hashes, so the record or a package has changed: "
            "churn-saver ledger verify"
        )
    say(f"decision {record.decision_id}, made again, is the same to the bit in {len(found.compared)} columns")
    note(f"policy {record.policy}, predictors {record.models}, code {record.code}, λ {record.price}")


def recorded(
    decision_id: str, variables: "Environment"
) -> "tuple[DecisionRecord, Campaign | None, Predictors | None, Rules]":
    """Give a decision and what is at hand here to make it again, versions that were kept included.

    Args:
        decision_id: Of the decision.
        variables: Where books and artefacts lie.

    Raises:
        DecisionAbsent: the books hold none of this id.
    """
    from churn_saver.decide.rebuilding import NO_MODELS
    from churn_saver.opening import open_books, open_predictors
    from churn_saver.opening.versions import recalled

    # Whatever decides now, the record says who decided then.
    variables = variables.model_copy(update={"FORCE_BASELINE": False})
    with open_books(variables) as store:
        record = store.decision(decision_id)
        campaign = None if record.campaign_id is None else store.campaigns.get(record.campaign_id)
    predictors = None if record.models == NO_MODELS else open_predictors(variables)[0]
    found = recalled(record.models, record.policy, predictors, _rules(record, variables))
    return record, campaign, *found


def _rules(record: "DecisionRecord", variables: "Environment") -> "Rules":
    from churn_saver.journey import Rules
    from churn_saver.opening import open_bank, open_policy, read_settings
    from churn_saver.opening.toxicity import open_toxicity

    env, serve, _ = read_settings(variables)
    rung = record.policy.partition("@")[0]
    decider, _ = open_policy(variables, env, serve.model_copy(update={"policy": rung}))
    bank, _ = open_bank(variables)
    judge, _ = open_toxicity()
    return Rules.of(env, serve, decider, bank, judge)
