"""Artefacts that do as they are told: work, raise, give nonsense, come late, or hang."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.live_runtime import Completion, Stop
from churn_saver.domain.customer import Customers
from churn_saver.domain.slots import Context
from churn_saver.message.bank import Bank, Entry
from churn_saver.message.toxicity import Toxicity
from churn_saver.policy.network import PolicyNetwork, Scaling
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel
from tests.banks import plain_bank
from tests.trained import eager, served

LONG = 60.0
RAISES, NONSENSE, SLOW, HANGS = "raises", "nonsense", "slow", "hangs"
Answer = TypeVar("Answer")


@dataclass
class Failing:
    """One fault, and those who wait while it lasts: who waits for what hangs gives up, nobody else does."""

    how: str | None = None
    """None: all is well."""
    asked: int = 0
    _blocked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _given_up: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)

    def through(self, well: Callable[[], Answer], nonsense: Callable[[], Answer]) -> Answer:
        """Answer, as is told."""
        self.asked += 1
        match self.how:
            case "raises":
                raise RuntimeError("broken, and the text of the error names Sam")
            case "nonsense":
                return nonsense()
            case "slow":
                self._given_up.clear()
                self._blocked.release()
                self._given_up.wait(LONG)
            case "hangs":
                self._blocked.release()
                self._released.wait(LONG)
        return well()

    def mend(self) -> None:
        """Work again, and let go of all that hangs."""
        self.how = None
        self._released.set()

    def wait(self, over: threading.Event, seconds: float) -> bool:
        """Stand for a clock: the deadline passes when something hangs, and never while all is well."""
        while not over.wait(0.005):
            if self._blocked.acquire(blocking=False):
                self._given_up.set()
                return False
        return True


@dataclass(frozen=True)
class FailingRisk:
    """A risk model of 0.6 for everybody; nonsense is NaN."""

    failing: Failing
    fields: tuple[str, ...] = ("tenure_months",)

    def probability(self, customers: Customers) -> NDArray[np.float64]:
        """Score."""
        n = len(customers)
        return self.failing.through(lambda: np.full(n, 0.6), lambda: np.full(n, np.nan))


@dataclass(frozen=True)
class FailingAccept:
    """An acceptance model; nonsense is a probability of 1.5."""

    failing: Failing
    fields: tuple[str, ...] = ("payment_method",)

    def probabilities(self, customers: Customers, churn_risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score."""
        n = len(customers)
        return self.failing.through(
            lambda: np.tile((0.1, 0.25, 0.5, 0.55), (n, 1)), lambda: np.full((n, 4), 1.5)
        )


def failing_predictors(risk: Failing, accept: Failing) -> Predictors:
    """Give predictors that fail as they are told."""
    models = cast(RiskModel, FailingRisk(risk)), cast(AcceptModel, FailingAccept(accept))
    return Predictors(*models, "told")


@dataclass(frozen=True)
class FailingNetwork:
    """A trained policy that wants every contact; nonsense comes of weights too large for its numbers."""

    failing: Failing
    inner: PolicyNetwork = field(default_factory=lambda: eager(served("full_price", 1)).network)

    @property
    def observation(self) -> str:
        """What it sees."""
        return self.inner.observation

    @property
    def scaling(self) -> Scaling:
        """How it sees it."""
        return self.inner.scaling

    def act(
        self, observation: NDArray[np.float32], contact: NDArray[np.bool_], offers: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Decide."""
        huge = PolicyNetwork(
            self.inner.observation,
            self.inner.scaling,
            [np.full_like(weight, 1e200) for weight in self.inner.weights],
            self.inner.biases,
        )
        with np.errstate(all="ignore"):
            return self.failing.through(
                lambda: self.inner.act(observation, contact, offers),
                lambda: huge.act(observation, contact, offers),
            )


@dataclass(frozen=True)
class FailingBank:
    """The plain bank of emails; nonsense is an entry without a text."""

    failing: Failing
    inner: Bank = field(default_factory=lambda: plain_bank(("email",)))

    @property
    def version(self) -> str:
        """As the bank's."""
        return self.inner.version

    def approved(self, context: Context) -> Sequence[Entry]:
        """Give the messages of a context."""
        return self.failing.through(lambda: self.inner.approved(context), lambda: [cast(Entry, None)])


@dataclass(frozen=True)
class FailingRuntime:
    """A live runtime that writes one draft; nonsense is a draft that the shield stops."""

    failing: Failing

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Write, whatever it is told about stopping."""
        good = "Hi {name}, thanks for {tenure} with us. Take {offer} off {duration}: reply by {valid_until}."
        return self.failing.through(
            lambda: Completion(good, True, 20), lambda: Completion("Act now, {nobody}!", True, 5)
        )


def failing_judge(failing: Failing) -> Callable[[str], bool]:
    """Give a judge that finds nothing toxic; nonsense comes of a classifier whose numbers are none."""
    numberless = Toxicity({}, ((float("nan"), 1.0, 0.0),))
    return lambda text: failing.through(lambda: False, lambda: numberless.is_toxic(text))
