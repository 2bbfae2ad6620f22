"""Ask a rung of the ladder, a trained policy's file or a kept version about a campaign's recorded decisions.

Who cannot decide in the campaign as asked for is refused: another in its place would be judged under its
name.
"""

from pathlib import Path

from churn_saver.adapters.policies import read_policy
from churn_saver.config import Environment, EnvSettings, ServeSettings
from churn_saver.decide.asking_again import asked_again
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.versions import SHOWN_DIGITS
from churn_saver.errors import ArtifactError, quoted
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.journey import Decider, Rules, seated
from churn_saver.opening import open_policy, open_predictors, read_settings, require_installed
from churn_saver.opening.versions import open_version
from churn_saver.tabular.predictors import Predictors

POLICY_FILE = ".safetensors"


def ask_rung(name: str, book: Logbook, rows: Whole, variables: Environment, explores: bool) -> Floats:
    """Give the probabilities of every choice under a rung, (m, 5).

    Args:
        name: Of the rung as in serve.yaml, or the path of a trained policy.
        book: The campaign's decisions.
        rows: Those to ask about, (m,).
        variables: Where settings, predictors and policies lie.
        explores: The campaign's share of exploration counts; else the policy is judged without.

    Raises:
        ConfigError: no rung has this name.
        ArtifactError: predictors or policy are not at hand, or may not decide in this campaign.
    """
    # Whatever the switch says now, the question is what the policy would do.
    variables = variables.model_copy(update={"FORCE_BASELINE": False})
    env, serve, _ = read_settings(variables)
    predictors, degraded = open_predictors(variables)
    if predictors is None:
        raise ArtifactError("; ".join(str(one.fault) for one in degraded))
    rules = Rules.of(env, serve, _decider(name, variables, env, serve))
    return _asked(f"policy {quoted(name)}", book, rows, rules, predictors, explores)


def ask_version(digest: str, book: Logbook, rows: Whole, variables: Environment) -> Floats:
    """Give the probabilities of every choice under a version, with its own predictors, (m, 5).

    Whether it ever had a role does not matter; it is judged without exploration.

    Args:
        digest: SHA-256 of a version whose files are kept here, hex.
        book: The campaign's decisions.
        rows: Those to ask about, (m,).
        variables: Where settings lie.

    Raises:
        ArtifactError: its files are not at hand, or it may not decide in this campaign.
    """
    env, serve, _ = read_settings(variables)
    version = open_version(env, digest)
    rules = Rules.of(env, serve, version.decider)
    return _asked(f"version {digest[:SHOWN_DIGITS]}", book, rows, rules, version.predictors, explores=False)


def _asked(
    told: str, book: Logbook, rows: Whole, rules: Rules, predictors: Predictors | None, explores: bool
) -> Floats:
    seat = seated(rules, book.campaign, predictors)
    if seat.fault is not None:
        raise ArtifactError(f"{told} may not decide here: {seat.fault}")
    share = book.campaign.exploration_share if explores else 0.0
    # Without predictors nothing has a worth; whoever opens them refuses before.
    assert predictors is not None
    return asked_again(book, rows, seat, predictors, share)


def _decider(name: str, variables: Environment, env: EnvSettings, serve: ServeSettings) -> Decider:
    if name.endswith(POLICY_FILE):
        path = Path(name)
        return Decider(path.stem.removeprefix("ppo_policy_"), read_policy(path, None))
    wanted = serve.model_copy(update={"policy": name})
    require_installed(variables, wanted)
    decider, lacks = open_policy(variables, env, wanted)
    if lacks:
        raise ArtifactError("; ".join(str(one.fault) for one in lacks))
    return decider
