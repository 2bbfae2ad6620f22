"""Many customers at once as a Gymnasium environment: the array twin of `env.RetentionEnv`.

One portfolio steps all slots together. Each slot gives the same bits as the scalar environment with its
number, seed and actions; `env` documents action, observation, reward and info. What is laid out in
arrays is laid out as `gymnasium.vector.SyncVectorEnv` does it with autoreset in the same step: where an
episode ended, the observation is that of the next one, and `info["final_obs"]` and `info["final_info"]`
hold what the ended one showed last.
"""

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.state import Floats, Ints, Matrix
from churn_saver.policy.terms import (
    HEADS,
    Columns,
    Info,
    Terms,
    begin_episodes,
    brought,
    looks,
    observation_space,
    split_actions,
)

Flags = NDArray[np.bool_]


class RetentionVectorEnv(gymnasium.vector.VectorEnv[Matrix, Ints, NDArray[np.generic]]):
    """Decide for many customers at once."""

    def __init__(self, dynamics: Dynamics, terms: Terms, num_envs: int, slot: int = 0) -> None:
        """Prepare the slots; `reset` begins.

        Args:
            dynamics: The campaign.
            terms: What is shown and paid.
            num_envs: How many slots.
            slot: Number of the first slot.

        Raises:
            InputError: no slots, or the first one is negative.
        """
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.num_envs = num_envs
        self._terms = terms
        self._portfolio = terms.portfolio(dynamics, num_envs, slot)
        self._begun = False
        self.single_action_space = spaces.MultiDiscrete(list(HEADS.values()))
        self.single_observation_space = observation_space(dynamics, terms)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[Matrix, Info]:
        """Begin the first episodes of a seed, shared by all slots, or the next ones.

        Without a seed from the start, one is drawn.

        Raises:
            InputError: an option is given; there are none.
        """
        super().reset(seed=seed)
        begin_episodes(self._portfolio, seed, options, None if self._begun else self.np_random)
        self._begun = True
        return self._seen(), _told(looks(self._portfolio), np.ones(self.num_envs, dtype=np.bool_))

    def step(self, actions: Ints) -> tuple[Matrix, Floats, Flags, Flags, Info]:
        """Decide once in every slot, and begin the next episode where one ended.

        Raises:
            InputError: an action is not in the action space; names slot and part.
            ResetNeeded: no episode has begun.
        """
        if not self._begun:
            raise gymnasium.error.ResetNeeded("no episode is under way: call reset()")
        step = self._portfolio.step(*split_actions(np.asarray(actions), self.num_envs), renews=False)
        columns, everywhere = brought(step), np.ones(self.num_envs, dtype=np.bool_)
        info = _told(columns, ~step.ended)
        if step.ended.any():
            info |= self._final(columns, step.ended)
            self._portfolio.renew(np.flatnonzero(step.ended))
        info |= _told(looks(self._portfolio), everywhere)
        never = np.zeros(self.num_envs, dtype=np.bool_)
        return self._seen(), self._terms.rewards(step), step.ended, never, info

    def _seen(self) -> Matrix:
        return np.ascontiguousarray(self._portfolio.observe()[:, : self._terms.width])

    def _final(self, columns: Columns, ended: Flags) -> Info:
        """Keep what the ended episodes show, before the next ones begin."""
        last = np.full(self.num_envs, None, dtype=object)
        for row, seen in zip(np.flatnonzero(ended), self._seen()[ended], strict=True):
            last[row] = seen
        final = _told(columns | looks(self._portfolio), ended)
        return {
            "final_obs": last,
            "_final_obs": ended.copy(),
            "final_info": final,
            "_final_info": ended.copy(),
        }


def _told(columns: Columns, rows: Flags) -> Info:
    """Lay columns out as Gymnasium does: a value where a row has one, else 0, and `_name` says which have."""
    info: Info = {}
    if rows.any():
        for name, column in columns.items():
            info[name] = column * (rows if column.ndim == 1 else rows[:, None])
            info[f"_{name}"] = rows.copy()
    return info
