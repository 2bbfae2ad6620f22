"""Messages written while the customer waits, within a deadline.

A writer gets a brief and gives a draft with slots, or None when there was none in time; it knows no customer
and does not judge what it wrote. The model is a folder that `train.gguf_export` wrote (`live_files`), the
runtime is `live_runtime`'s, and the form that every draft has is `live_form`'s.
"""

import secrets
import threading
import time
from pathlib import Path
from typing import Protocol

from churn_saver.adapters.hands import Hands, Wait
from churn_saver.adapters.live_files import MODEL, verified
from churn_saver.adapters.live_form import form_of
from churn_saver.adapters.live_runtime import MAX_TOKENS, Completion, Runtime, Stop
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.errors import ArtifactError


class Writing(Protocol):
    """Whatever completes a prompt, as `Runtime` does."""

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Write in a form until the end, the last token, or until told to stop."""
        ...


class LiveWriter:
    """Writes one draft for a brief within its deadline."""

    def __init__(
        self,
        runtime: Writing,
        asking: str,
        deadline_ms: float,
        temperature: float = 1.0,
        seed: int | None = None,
        wait: Wait = threading.Event.wait,
    ) -> None:
        """Take a runtime.

        Args:
            runtime: Which writes.
            asking: What stands between a prompt and its response.
            deadline_ms: From the call; past it the answer is None, whatever the runtime does.
            temperature: Of the drafts.
            seed: Of the first draft, the next has the next one; None: drawn.
            wait: How a caller waits for a draft.
        """
        self._runtime, self._asking = runtime, asking
        self._deadline, self._temperature = deadline_ms / 1e3, temperature
        # One at a time: the runtime has one place, and waiting for it counts.
        self._hands = Hands("live", 1, wait)
        self._seed = secrets.randbits(31) if seed is None else seed - 1
        self._drawing = threading.Lock()
        self._fault: str | None = None
        self._faults = 0

    @property
    def fault(self) -> str | None:
        """What the runtime failed of when it last wrote; None: it did not fail. To be late is no fault."""
        return self._fault

    @property
    def faults(self) -> int:
        """How often it failed since it was opened."""
        return self._faults

    def __call__(self, brief: Brief) -> str | None:
        """Write a draft with slots; None: none in time, or the runtime failed (`fault`). It never raises."""
        until = time.monotonic() + self._deadline
        with self._drawing:
            self._seed = (self._seed + 1) % 2**31
            seed = self._seed
        given_up = threading.Event()

        def late() -> bool:
            return given_up.is_set() or time.monotonic() >= until

        try:
            return self._hands.done(
                lambda: self._written(brief, seed, late),
                max(0.0, until - time.monotonic()),
            )
        except TimeoutError:
            return None  # too late, or closed
        finally:
            given_up.set()

    def close(self) -> None:
        """Stop writing; calls after this give None. Waits for nobody."""
        self._hands.close()

    def _written(self, brief: Brief, seed: int, late: Stop) -> str | None:
        if late():
            return None
        prompt = prompt_of(brief) + self._asking
        try:
            made = self._runtime.complete(prompt, form_of(brief), self._temperature, seed, MAX_TOKENS, late)
        except Exception as error:  # whatever it is: the bank answers, and readiness tells
            named = "" if isinstance(error, ArtifactError) else f"{type(error).__name__}: "
            self._fault = f"{named}{error}"
            self._faults += 1
            return None
        self._fault = None
        return " ".join(made.text.split()) if made.ended else None


def open_live(folder: Path, deadline_ms: float, threads: int) -> LiveWriter:
    """Open an exported model for writing.

    Args:
        folder: That `train.gguf_export.export_gguf` wrote.
        deadline_ms: Of each draft.
        threads: That compute.

    Raises:
        ConfigError: the extra `live` is not installed.
        ArtifactError: absent, cut, altered, or of another schema; says what makes it.
    """
    asking = verified(folder)
    return LiveWriter(Runtime(folder / MODEL, threads), asking, deadline_ms)
