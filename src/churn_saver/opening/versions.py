"""Open versions: gather the one that settings and folders name now, load one that was registered.

Versions lie in models/versions below the working folder, one folder each by its hash.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from churn_saver.adapters.artifacts import load
from churn_saver.adapters.ladder import NETWORKS, read_ladder
from churn_saver.adapters.versions import gathered, kept, learned_folder, require_whole
from churn_saver.config import Environment, EnvSettings, ServeSettings
from churn_saver.decide import Engine
from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.domain.versions import SHOWN_DIGITS, Roles, Version
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey import Rules
from churn_saver.journey.exact import EXACT
from churn_saver.journey.learned import UPLIFT
from churn_saver.journey.rungs import require
from churn_saver.opening.places import model_folder, policy_folder, uplift_folder
from churn_saver.opening.policies import CHAMPION, decider_in
from churn_saver.tabular.predictors import Predictors

VERSIONS_DIR = Path("models/versions")
"""Where the files of versions lie, relative to the working folder."""


def gather(
    environment: Environment, serve: ServeSettings, rung: str | None = None
) -> tuple[Version, dict[str, bytes]]:
    """Gather the version that would decide now, or with another rung.

    Args:
        environment: Where predictors and ladder lie.
        serve: Who is asked for.
        rung: By its name in serve.yaml; None: as serve.yaml says.

    Returns:
        The version, and its files by name.

    Raises:
        ArtifactError: a file is missing, altered or of another schema.
        ConfigError: no rung has this name.
    """
    folder, asked = policy_folder(environment), rung or serve.policy
    name = read_ladder(folder).champion if asked == CHAMPION else asked
    if name not in (EXACT, UPLIFT, *NETWORKS):
        require(name)
    policies = folder if name in (EXACT, *NETWORKS) else None
    learned = uplift_folder(environment) if name == UPLIFT else None
    return gathered(name, model_folder(environment), policies, learned)


def following(engine: Engine, env: EnvSettings, roles: Roles, root: Path = VERSIONS_DIR) -> Engine:
    """Give the engine with which the registry's versions decide, as they stand now; for who waits for none.

    Args:
        engine: As settings and folders name it.
        env: What is assumed.
        roles: Of the registry; nobody in it changes nothing.
        root: Folder of all versions.

    Raises:
        ArtifactError: a version that decides cannot be loaded. A shadow that cannot be is a note.
    """
    if roles.champion is not None:
        engine = engine.led_by(open_version(env, roles.champion, root))
    if roles.challenger is not None:
        by = open_version(env, roles.challenger, root)
        engine = replace(engine, challenge=Challenge(by, roles.share))
    return engine if roles.shadow is None else _shadowed(engine, env, roles.shadow, root)


def _shadowed(engine: Engine, env: EnvSettings, digest: str, root: Path) -> Engine:
    try:
        return replace(engine, shadow=open_version(env, digest, root))
    except ArtifactError as error:
        return replace(engine, notes=(*engine.notes, f"no shadow was asked: {error}"))


def open_version(env: EnvSettings, digest: str, root: Path = VERSIONS_DIR) -> Deciding:
    """Load a version, every file held against its hash first.

    Args:
        env: What the service assumes.
        digest: SHA-256 of the version, hex.
        root: Folder of all versions.

    Raises:
        ArtifactError: a file is missing or altered, or it was measured under other assumptions.
    """
    try:
        version = require_whole(root, digest)
        predictors = load(root / digest)
        decider = decider_in(root / digest, learned_folder(root, digest), version.rung, env)
    except (ArtifactError, ConfigError) as error:
        raise ArtifactError(
            f"version {digest[:SHOWN_DIGITS]} cannot be loaded: {error}. Where it is champion it can be "
            "taken back: churn-saver rollback"
        ) from error
    return Deciding(digest, predictors, decider)


def recalled(
    models: str, policy: str, predictors: Predictors | None, rules: Rules, root: Path = VERSIONS_DIR
) -> tuple[Predictors | None, Rules]:
    """Give what an older decision was made with, as far as a version that was kept has it.

    Args:
        models: Version of the predictors, as the record names it.
        policy: Who decided, as the record names it.
        predictors: At hand; stay where the record names them, or no version has others.
        rules: At hand; who decides in them stays likewise.
        root: Folder of all versions.
    """
    here = "none" if predictors is None else predictors.version
    for version in kept(root) if (models, policy) != (here, rules.decider.label) else ():
        with suppress(ArtifactError):
            if version.models == models != here:
                predictors = load(root / version.digest)
            if version.policy == policy != rules.decider.label:
                learned = learned_folder(root, version.digest)
                decider = decider_in(root / version.digest, learned, version.rung, rules.env)
                rules = replace(rules, decider=decider)
    return predictors, rules
