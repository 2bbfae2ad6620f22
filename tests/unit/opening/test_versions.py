"""Versions opened: gathered from what settings name, loaded whole or not at all, recalled for the past."""

from pathlib import Path

import pytest

from churn_saver.adapters.artifacts import load
from churn_saver.adapters.ladder import LADDER
from churn_saver.config import Environment
from churn_saver.decide.assigning import Challenge
from churn_saver.domain.versions import Role, Roles, Version
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey import Decider
from churn_saver.opening import defaults_folder
from churn_saver.opening.engine import open_engine
from churn_saver.opening.versions import VERSIONS_DIR, following, gather, open_version, recalled
from churn_saver.store import open_store
from tests.builders import NOON, campaign, rules
from tests.deciding import opened
from tests.kept_versions import kept_policy, kept_version
from tests.ladders import ENV, asking, measured


@pytest.mark.parametrize(("asked", "rung"), [("champion", "ppo_price"), ("ppo_price", "ppo_price")])
def test_the_version_that_would_decide_now_is_gathered(tmp_path: Path, asked: str, rung: str) -> None:
    """The champion is the rung that won the ladder; another rung can be asked for by name."""
    ladder = measured(tmp_path)
    environment = Environment(POLICY_DIR=str(tmp_path), MODEL_DIR=str(defaults_folder()))
    serve = rules(policy=asked).serve
    version, contents = gather(environment, serve)
    plain, _ = gather(environment, serve, "greedy")

    assert (version.rung, version.policy) == (rung, f"{rung}@{ladder.files[rung][:16]}")
    assert version.models == load(defaults_folder()).version == plain.models
    assert set(contents) == set(version.files)
    assert (plain.rung, LADDER in plain.files) == ("greedy", False)


def test_what_is_no_rung_is_not_gathered(tmp_path: Path) -> None:
    """By the name that was asked for."""
    with pytest.raises(ConfigError, match="policy 'best' is no rung"):
        gather(Environment(POLICY_DIR=str(tmp_path)), rules().serve, "best")


def test_a_version_is_loaded_with_its_own_policy(tmp_path: Path) -> None:
    """The labels are those that the version has, so that records name it."""
    version = kept_policy(tmp_path / "versions", tmp_path / "policies")
    found = open_version(ENV, version.digest, tmp_path / "versions")

    assert found.version == version.digest
    assert found.decider.label == version.policy
    assert found.predictors is not None
    assert found.predictors.version == version.models


def test_an_altered_version_is_not_loaded(tmp_path: Path) -> None:
    """Named by its hash and by the file, with both ways out."""
    version = kept_version(tmp_path)
    (tmp_path / version.digest / "churn_model.ubj").write_bytes(b"x")

    with pytest.raises(
        ArtifactError, match=rf"version {version.digest[:12]} .*churn_model.*churn-saver rollback"
    ):
        open_version(ENV, version.digest, tmp_path)


def test_a_version_of_other_assumptions_is_not_loaded(tmp_path: Path) -> None:
    """Its policy was measured for contacts that cost something else."""
    version = kept_policy(tmp_path / "versions", tmp_path / "policies")
    dearer = ENV.model_copy(update={"contact_cost": ENV.contact_cost + 1})

    with pytest.raises(ArtifactError, match="was trained and measured under other assumptions"):
        open_version(dearer, version.digest, tmp_path / "versions")


def test_roles_put_their_versions_in_the_place_of_what_is_named(tmp_path: Path) -> None:
    """Nobody in the registry changes nothing; a challenger alone leaves the champion as it is named."""
    engine = opened(tmp_path)
    version, rival = kept_version(tmp_path, "greedy"), kept_version(tmp_path, "never")
    led = following(engine, ENV, Roles(version.digest, rival.digest, 0.2), tmp_path)
    challenged = following(engine, ENV, Roles(challenger=rival.digest, share=0.2), tmp_path)

    assert following(engine, ENV, Roles(), tmp_path) is engine
    assert (led.rules.decider, led.predictors is not None) == (Decider("greedy"), True)
    assert led.challenge is not None
    assert (led.challenge.by.decider, led.challenge.share) == (Decider("never"), 0.2)
    assert (challenged.rules.decider, challenged.predictors) == (engine.rules.decider, engine.predictors)
    assert isinstance(challenged.challenge, Challenge)


def test_a_batch_reads_the_registry_when_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What settings name (a policy that is not there) does not decide, so nothing of it is missed."""
    monkeypatch.chdir(tmp_path)
    environment = asking(tmp_path, "ppo_price")
    version = kept_version(VERSIONS_DIR, "greedy")
    with open_store(str(environment.DATABASE_URL)) as store:
        store.campaigns.open(campaign())
        store.registry.register(version, "", "ops", NOON)
        with open_engine(environment, NOON) as before:
            named = before.engine.rules.decider, [lack.code for lack in before.degraded]
        store.registry.promote(version.digest, Role.CHAMPION, "ops", NOON)
    with open_engine(environment, NOON) as after:
        found = after.engine.rules.decider, after.degraded, after.engine.notes
    forced = environment.model_copy(update={"FORCE_BASELINE": True})
    with open_engine(forced, NOON) as baseline:
        decider = baseline.engine.rules.decider

    assert named == (Decider("knapsack"), ["policy_unavailable"])
    assert found == (Decider("greedy"), (), ())
    assert decider == Decider("propensity_rule")


def test_a_batch_does_not_begin_without_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it, so an error is an error; the books are let go of."""
    monkeypatch.chdir(tmp_path)
    environment, version = asking(tmp_path, "knapsack"), Version("never", {})
    with open_store(str(environment.DATABASE_URL)) as store:
        store.registry.register(version, "", "ops", NOON)
        store.registry.promote(version.digest, Role.CHAMPION, "ops", NOON)

    with pytest.raises(ArtifactError, match=f"version {version.digest[:12]} cannot be loaded"):
        open_engine(environment, NOON)


def test_an_old_decision_finds_what_it_was_made_with(tmp_path: Path) -> None:
    """Predictors and policy, each by the label of the record, in whatever version has it."""
    version = kept_policy(tmp_path / "versions", tmp_path / "policies")
    root, now = tmp_path / "versions", rules()
    found, then = recalled(version.models, version.policy, None, now, root)
    same = load(defaults_folder())

    assert found is not None
    assert (found.version, then.decider.label) == (version.models, version.policy)
    assert recalled(version.models, "knapsack", same, now, root) == (same, now)
    assert recalled("0" * 16, "ppo@" + "0" * 16, None, now, root) == (None, now)


def test_a_broken_version_is_passed_over(tmp_path: Path) -> None:
    """Then it is the record that names what is missing."""
    version = kept_version(tmp_path)
    (tmp_path / version.digest / "churn_model.ubj").write_bytes(b"x")

    assert recalled(version.models, version.policy, None, rules(), tmp_path)[0] is None


def test_a_shadow_is_put_beside_who_decides(tmp_path: Path) -> None:
    """It decides nothing; one that cannot be loaded is a note, since nobody is decided by it."""
    engine = opened(tmp_path)
    version = kept_version(tmp_path, "greedy")
    found = following(engine, ENV, Roles(shadow=version.digest), tmp_path)
    lacking = following(engine, ENV, Roles(shadow="0" * 64), tmp_path)

    assert found.shadow is not None
    assert (found.shadow.version, found.shadow.decider) == (version.digest, Decider("greedy"))
    assert (found.rules, found.predictors, found.notes) == (engine.rules, engine.predictors, engine.notes)
    assert lacking.shadow is None
    assert lacking.notes[-1].startswith("no shadow was asked: version 000000000000 cannot be loaded")


def test_what_a_shadow_lacks_is_told_beside_a_champion_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes of what settings name go, since it does not decide; that of the shadow stays."""
    monkeypatch.chdir(tmp_path)
    environment, shadow = asking(tmp_path, "ppo_price"), Version("never", {})
    version = kept_version(VERSIONS_DIR, "greedy")
    with open_store(str(environment.DATABASE_URL)) as store:
        store.campaigns.open(campaign())
        for one, role in ((version, Role.CHAMPION), (shadow, Role.SHADOW)):
            store.registry.register(one, "", "ops", NOON)
            store.registry.promote(one.digest, role, "ops", NOON)
    with open_engine(environment, NOON) as found:
        notes, decider = found.engine.notes, found.engine.rules.decider

    assert decider == Decider("greedy")
    assert len(notes) == 1
    assert notes[0].startswith(f"no shadow was asked: version {shadow.digest[:12]}")
