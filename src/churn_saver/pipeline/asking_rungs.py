"""Ask a rung of the ladder, or a trained policy's file, about a campaign's recorded decisions.

Who cannot decide in the campaign as asked for is refused: another in its place would be judged under its
name.
"""

from pathlib import Path

from churn_saver.adapters.policies import read_policy
from churn_saver.config import Environment, EnvSettings, ServeSettings
from churn_saver.decide.asking_again import asked_again
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import ArtifactError, quoted
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.journey import Decider, Rules, seated
from churn_saver.opening import open_policy, open_predictors, read_settings, require_installed

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
    seat = seated(rules, book.campaign, predictors)
    if seat.fault is not None:
        raise ArtifactError(f"policy {quoted(name)} may not decide here: {seat.fault}")
    share = book.campaign.exploration_share if explores else 0.0
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
