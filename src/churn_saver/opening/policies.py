"""Find who decides: the rung that serve.yaml names, the champion, a trained policy, learned effects, exact.

Only what the ladder vouches for serves, and only under the assumptions that it was measured under. Where
that cannot be had the knapsack decides, and says for whom and why.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from churn_saver.adapters import uplift
from churn_saver.adapters.ladder import LADDER, MAKE, NETWORKS, read_ladder, trained
from churn_saver.config import Environment, EnvSettings, ServeSettings
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey import Decider
from churn_saver.journey.exact import EXACT, NEEDS_NUMBA
from churn_saver.journey.learned import UPLIFT
from churn_saver.journey.seating import KNAPSACK, PROPENSITY_RULE
from churn_saver.opening.places import policy_folder, uplift_folder
from churn_saver.policy.certificate import ServedPolicy, assumptions_digest

CHAMPION = "champion"
POLICY_UNAVAILABLE = "policy_unavailable"
POLICY_OF_OTHER_ASSUMPTIONS = "policy_of_other_assumptions"


@dataclass(frozen=True, slots=True)
class Degradation:
    """Why less than everything is at hand."""

    code: str
    """As it appears in responses."""
    fault: str | None
    """What is wrong and how to mend it; None: it was asked for."""


def require_installed(environment: Environment, serve: ServeSettings) -> None:
    """Refuse a policy by name that lacks a package; the kill switch needs none.

    Raises:
        ConfigError: the exact policy is asked for and numba is not installed.
    """
    if serve.policy == EXACT and not environment.FORCE_BASELINE and find_spec("numba") is None:
        raise ConfigError(NEEDS_NUMBA)


def open_policy(
    environment: Environment, env: EnvSettings, serve: ServeSettings
) -> tuple[Decider, tuple[Degradation, ...]]:
    """Find who decides.

    Args:
        environment: Where ladder and policies lie; with the kill switch on nobody looks there.
        env: What the service assumes.
        serve: Who is asked for.

    Returns:
        Who decides, and why it is the knapsack instead of who was asked for, if it is.
    """
    asked, folder = serve.policy, policy_folder(environment)
    if environment.FORCE_BASELINE:
        return Decider(PROPENSITY_RULE), ()
    try:
        decider = _decider(asked, folder, uplift_folder(environment))
    except ArtifactError as error:
        return _instead(asked, POLICY_UNAVAILABLE, str(error))
    if decider.policy is not None and not _same_world(decider.policy, env):
        return _instead(asked, POLICY_OF_OTHER_ASSUMPTIONS, _other_world(decider, folder))
    return decider, ()


def decider_in(folder: Path, learned: Path, rung: str, env: EnvSettings) -> Decider:
    """Put a rung together out of folders, or not at all.

    Args:
        folder: Of ladder and policies.
        learned: Of learned effects.
        rung: Which; no 'champion'.
        env: What the service assumes.

    Raises:
        ArtifactError: it cannot be used, or was measured under other assumptions.
    """
    decider = _decider(rung, folder, learned)
    if decider.policy is not None and not _same_world(decider.policy, env):
        raise ArtifactError(_other_world(decider, folder))
    return decider


def _other_world(decider: Decider, folder: Path) -> str:
    return (
        f"{decider.label} in {folder} was trained and measured under other assumptions than env.yaml "
        f"states now. Train and measure again: make train-ppo, then {MAKE}"
    )


def _decider(asked: str, folder: Path, learned: Path) -> Decider:
    """Put a rung together.

    Raises:
        ArtifactError: the ladder, a policy or the learned effects cannot be used, or have not what is wanted.
    """
    if asked == UPLIFT:
        return Decider(UPLIFT, effects=uplift.load(learned))
    if asked not in (CHAMPION, EXACT, *NETWORKS):
        return Decider(asked)
    ladder = read_ladder(folder)
    rung = ladder.champion if asked == CHAMPION else asked
    if rung == UPLIFT:
        return Decider(UPLIFT, effects=uplift.load(learned))
    if rung in NETWORKS:
        return Decider(rung, trained(folder, ladder, rung))
    if rung != EXACT:
        return Decider(rung)
    if not ladder.exact_prices:
        raise ArtifactError(
            f"{folder / LADDER} has no exact_prices, so nobody knows at which price the exact policy meets a "
            f"budget. Measure again: {MAKE}"
        )
    if find_spec("numba") is None:
        raise ArtifactError(NEEDS_NUMBA)
    return Decider(rung, exact_prices=ladder.exact_prices)


def _same_world(policy: ServedPolicy, env: EnvSettings) -> bool:
    """Say whether a policy learned from what env.yaml states; its caps are held against the campaign's."""
    same_days = policy.network.scaling.horizon_days == env.horizon_days
    return same_days and policy.certificate.assumptions == assumptions_digest(env)


def _instead(asked: str, code: str, why: str) -> tuple[Decider, tuple[Degradation, ...]]:
    fault = f"policy '{asked}' cannot serve, so the {KNAPSACK} decides: {why}. Or name another in serve.yaml"
    return Decider(KNAPSACK), (Degradation(code, fault),)
