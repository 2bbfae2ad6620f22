"""The loop of PPO for texts: a toy it solves, the same bits however it is interrupted, a β that answers."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from churn_saver.adapters.trainings import read_training, write_training
from churn_saver.domain.briefs import every_brief
from churn_saver.domain.slots import PLAN
from churn_saver.errors import ConfigError, InputError
from churn_saver.message.language_model import Batch, token_log_probs
from churn_saver.train.text_learning import TextLearner
from churn_saver.train.text_rollouts import adapters_off
from tests.another_device import THERE, another_device
from tests.text_policies import BRIEFS, RULES, in_order, one_thread, quick, share_of_word, start


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = one_thread()
    yield
    torch.set_num_threads(before)


def learner(seed: int = 0, **changes: Any) -> TextLearner:
    """Make one with a judge that always has something to say."""
    return TextLearner(start(), BRIEFS, in_order, RULES, quick(**changes), seed)


def bits(one: TextLearner) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Give all that the next iteration depends on, so that NaN is itself and −0 is not 0."""
    return {name: (str(array.dtype), array.shape, array.tobytes()) for name, array in one.to_arrays().items()}


def test_the_toy_is_solved() -> None:
    """The reward is ten times the share of one token, in a model that writes it 3 times in 100.

    After 30 iterations every third token is that one, and the reward says how much. The briefs are those
    whose drafts owe no slot, so that each may end at once; how far it may go is no matter here.
    """
    free = [brief for brief in every_brief() if brief.slots == (PLAN,)]
    settings = quick(
        {"start_beta": 0.001, "target": 100.0}, responses=32, minibatch=16, epochs=4, iterations=30
    )
    one = TextLearner(start(), free, share_of_word(), RULES, settings, 0)
    points = [one.advance() for _ in range(30)]

    assert points[0].reward < 0.5
    assert points[-1].reward > 3.0
    assert points[-1].entropy < points[0].entropy
    assert points[-1].kl > 10.0


def test_at_the_first_step_nothing_has_moved() -> None:
    """KL exactly 0, β as the settings say, no gradient and no clipping while only the values learn."""
    point = learner().advance()

    assert point.kl == 0.0
    assert point.smoothed_kl == 0.0
    assert point.beta == 0.01
    assert (point.gradient_norm, point.clip_fraction, point.policy_loss) == (0.0, 0.0, 0.0)
    assert (point.iteration, point.drafts) == (1, 8)
    assert 0.0 < point.length <= 10.0
    assert 0.0 <= point.ended <= 1.0


def test_beta_answers_to_the_kl_after_the_values_have_learned() -> None:
    """No move in the iterations of the values; then ÷1.5 while the KL is below half of its target."""
    one = learner(values_first=2, kl={"target": 1_000.0, "start_beta": 0.09, "factor": 1.5})
    points = [one.advance() for _ in range(4)]

    assert [point.beta for point in points] == [0.09, 0.09, 0.09, pytest.approx(0.06)]
    assert one.penalty.beta == pytest.approx(0.04)


def test_a_strong_penalty_holds_the_policy() -> None:
    """With the same seed and steps, a β of 10 leaves the policy nearer to its start than one of .001."""
    kls = []
    for beta in (0.001, 10.0):
        kl = {"start_beta": beta, "low": beta, "high": beta}
        one = learner(responses=32, minibatch=16, kl=kl)
        kls.append(np.mean([one.advance().kl for _ in range(10)][-4:]))

    assert 0.0 < kls[1] < 0.5 * kls[0]


def test_the_rates_fall_with_the_iterations_that_are_left() -> None:
    """The first of 4 and of 1,000 iterations are one; then the shorter training takes smaller steps.

    Where all of the rates is left at the end, how long it is to last changes nothing.
    """
    short, long = learner(iterations=4, final_learning_rate=0.0), learner(iterations=1_000)
    alike = [learner(iterations=n, final_learning_rate=1.0) for n in (4, 1_000)]
    for one in (short, long, *alike):
        one.advance()
    first = bits(short), bits(long)
    for one in (short, long, *alike):
        one.advance()

    assert first[0] == first[1]
    assert bits(short) != bits(long)
    assert bits(alike[0]) == bits(alike[1])


def test_the_reference_never_moves() -> None:
    """With its adapters off the policy is the start, to the bit, whatever it has learned."""
    one = learner()
    one.advance()
    rows = torch.randint(5, 200, (3, 20), generator=torch.Generator().manual_seed(0))
    batch = one_batch(rows)
    with torch.no_grad(), adapters_off(one.policy.network):
        before = token_log_probs(one.policy.network, batch)
    for _ in range(2):
        one.advance()

    with torch.no_grad():
        acting = token_log_probs(one.policy.network, batch)
        with adapters_off(one.policy.network):
            after = token_log_probs(one.policy.network, batch)
    assert torch.equal(before, after)
    assert not torch.equal(acting, after)


def one_batch(ids: torch.Tensor) -> Batch:
    """Take ids as prompts of five tokens and their responses."""
    whole = torch.ones_like(ids, dtype=torch.bool)
    response = whole.clone()
    response[:, :5] = False
    return Batch(ids, whole, response)


def test_a_learner_that_was_written_down_goes_on_bit_for_bit(tmp_path: Path) -> None:
    """Two iterations, a file, and two more in another learner are four without a stop."""
    straight, first, second = learner(), learner(), learner()
    whole = [straight.advance() for _ in range(4)]
    for _ in range(2):
        first.advance()
    write_training(tmp_path / "t", first.to_arrays(), {})

    second.restore(read_training(tmp_path / "t", {})[0])

    assert bits(second) == bits(first)
    assert [second.advance() for _ in range(2)] == whole[2:]
    assert bits(second) == bits(straight)
    assert second.finished


def test_what_was_written_down_does_not_change_afterwards() -> None:
    """Arrays are copies: an iteration later they are still those of then."""
    one = learner(values_first=0)
    one.advance()
    arrays = one.to_arrays()
    before = {name: array.tobytes() for name, array in arrays.items()}

    one.advance()

    assert {name: array.tobytes() for name, array in arrays.items()} == before
    assert {name: array.tobytes() for name, array in one.to_arrays().items()} != before


def test_the_same_seed_is_the_same_policy_and_another_is_not() -> None:
    """Draws of others in between change nothing; the start stays as it is."""
    lm = start()
    weights = {name: tensor.clone() for name, tensor in lm.network.state_dict().items()}
    first, second, other = (
        TextLearner(lm, BRIEFS, in_order, RULES, quick(values_first=0), seed) for seed in (1, 1, 2)
    )
    points = []
    for one in (first, second, other):
        points.append(one.advance())
        torch.rand(3)
        np.random.default_rng().random(3)

    assert points[0] == points[1]
    assert bits(first) == bits(second)
    assert points[0] != points[2]
    assert all(torch.equal(tensor, weights[name]) for name, tensor in lm.network.state_dict().items())


def test_a_policy_elsewhere_learns_the_same_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head, drafts and lessons are where it is; half precision is asked of that device; state is arrays.

    After an iteration for the values alone and one for all, written down and read back between them.
    """
    asked: list[str] = []

    def heard(kind: str, *_: object, **__: object) -> AbstractContextManager[None]:
        asked.append(kind)
        return nullcontext()

    monkeypatch.setattr(torch, "autocast", heard)
    here = learner()
    points = [here.advance(), here.advance()]
    with another_device(monkeypatch):
        lm = start()
        nn.Module.to(lm.network, THERE)
        there = TextLearner(lm, BRIEFS, in_order, RULES, quick(), 0)
        first = there.advance()
        there.restore(there.to_arrays())
        found, second = there.to_arrays(), there.advance()
        after = there.to_arrays()
        places = {p.device for p in (*there.policy.network.parameters(), *there.head.parameters())}

    assert places == {THERE}
    assert set(asked) == {"cpu", THERE.type}
    assert found["iteration"].tolist() == [1]
    for mine, other in zip(points, (first, second), strict=True):
        assert astuple(other) == pytest.approx(astuple(mine), rel=1e-3, abs=1e-5)
    for name, array in here.to_arrays().items():
        assert after[name].astype(np.float64) == pytest.approx(array.astype(np.float64), rel=1e-2, abs=1e-4)


def test_settings_that_cannot_teach_are_refused() -> None:
    """No brief; and dropout, which would count as learning."""
    with pytest.raises(InputError, match=r"there is no brief to write for"):
        TextLearner(start(), (), in_order, RULES, quick(), 0)
    lora = quick().lora.model_dump() | {"dropout": 0.1}
    with pytest.raises(ConfigError, match=r"lora.dropout is 0.1 in ppo_text.yaml, wanted 0"):
        learner(lora=lora)
