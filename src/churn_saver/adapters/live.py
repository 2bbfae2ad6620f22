"""Messages written while the customer waits, within a deadline: llama.cpp through `xllamacpp`, extra `live`.

A writer gets a brief and gives a draft with slots, or None when there was none in time; it knows no customer
and does not judge what it wrote. The model is a folder that `train.gguf_export` wrote (`live_files`). The
runtime opens a port of this machine that this module never uses: it answers to
a key that is drawn anew and told to nobody.
"""

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from churn_saver.adapters.hands import Hands, Wait
from churn_saver.adapters.live_files import MODEL, NEXT_STEP, verified
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.errors import ArtifactError, ConfigError

MAX_TOKENS = 64
"""Of a draft; one that does not end by then is not served."""
_CONTEXT = 256


@dataclass(frozen=True, slots=True)
class Completion:
    """What a runtime wrote."""

    text: str
    ended: bool
    """It came to its end; otherwise it was cut or stopped."""
    tokens: int


class Stop(Protocol):
    """Says whether to stop, asked before every token."""

    def __call__(self) -> bool:
        """Say whether to stop."""
        ...


class Writing(Protocol):
    """Whatever completes a prompt, as `Runtime` does."""

    def complete(self, prompt: str, temperature: float, seed: int, tokens: int, stop: Stop) -> Completion:
        """Write until the end, the last token, or until told to stop."""
        ...


class Runtime:
    """A model in llama.cpp: one text at a time, as fast as it can."""

    def __init__(self, model: Path, threads: int) -> None:
        """Load the model.

        Args:
            model: A GGUF file whose hash was compared.
            threads: That compute. More than one is fast on cores that nobody else uses, and on busy ones a
                hundred times slower than one, since they wait for each other at every layer.

        Raises:
            ConfigError: the extra `live` is not installed.
            ArtifactError: the runtime cannot load the file.
        """
        try:
            import xllamacpp
        except ImportError as error:
            raise ConfigError(
                "live messages need xllamacpp. Next step: pip install 'churn-saver[live]', or set "
                "live: false in serve.yaml"
            ) from error
        settings = xllamacpp.CommonParams()
        settings.model.path = str(model)
        settings.n_ctx, settings.n_parallel, settings.n_batch = _CONTEXT, 1, _CONTEXT
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
        settings.verbosity, settings.offline, settings.ui = -1, True, False
        settings.api_keys, settings.endpoint_slots = [secrets.token_hex(32)], False
        settings.cors_origins, settings.n_threads_http = "", 1
        try:
            self._server = xllamacpp.Server(settings)
        except RuntimeError as error:
            raise ArtifactError(f"{model} cannot be loaded by xllamacpp ({error}). {NEXT_STEP}") from error
        # The first text takes longer than all that follow; and a server that is let go before its loop began
        # waits for ever, since the loop forgets that it was told to end.
        self.complete("Hello", 0.0, 0, 1, lambda: False)

    def complete(self, prompt: str, temperature: float, seed: int, tokens: int, stop: Stop) -> Completion:
        """Write until the end, the last token, or until told to stop.

        Raises:
            ArtifactError: the runtime refuses.
        """
        pieces, reasons, faults = list[str](), list[str](), list[str]()

        def heard(piece: dict[str, object]) -> bool:
            if "error" in piece:
                faults.append(_refusal(piece["error"]))
                return True
            choice = _choice(piece)
            if choice.get("finish_reason"):
                reasons.append(str(choice["finish_reason"]))
            pieces.append(str(choice.get("text") or ""))
            return stop()

        self._server.handle_completions(
            {"prompt": prompt, "max_tokens": tokens, "temperature": temperature, "seed": seed, "stream": True,
             "top_k": 0, "top_p": 1.0, "min_p": 0.0, "cache_prompt": True},
            heard,
        )  # fmt: skip
        if faults:
            raise ArtifactError(f"the live runtime refuses: {faults[0]}")
        return Completion("".join(pieces), "stop" in reasons, len(pieces) - len(reasons))

    def next_token(self, prompt: str | Sequence[int], top: int) -> dict[int, float]:
        """Say what would come next.

        Args:
            prompt: Text, or its tokens.
            top: How many of the likeliest tokens.

        Returns:
            Their log-probabilities; empty: the likeliest is part of a letter, which it leaves out.
        """
        asked = prompt if isinstance(prompt, str) else list(prompt)
        found = self._server.handle_completions(
            {"prompt": asked, "max_tokens": 1, "temperature": 0.0, "logprobs": top, "cache_prompt": False}
        )
        told = _choice(found).get("logprobs")
        steps = told["content"] if isinstance(told, dict) else []
        return {int(one["id"]): float(one["logprob"]) for step in steps for one in step["top_logprobs"]}


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
                lambda: self._written(prompt_of(brief) + self._asking, seed, late),
                max(0.0, until - time.monotonic()),
            )
        except TimeoutError:
            return None  # too late, or closed
        finally:
            given_up.set()

    def close(self) -> None:
        """Stop writing; calls after this give None. Waits for nobody."""
        self._hands.close()

    def _written(self, prompt: str, seed: int, late: Stop) -> str | None:
        if late():
            return None
        try:
            made = self._runtime.complete(prompt, self._temperature, seed, MAX_TOKENS, late)
        except Exception as error:  # whatever it is: the bank answers, and readiness tells
            named = "" if isinstance(error, ArtifactError) else f"{type(error).__name__}: "
            self._fault = f"{named}{error}"
            self._faults += 1
            return None
        self._fault = None
        return made.text.strip() if made.ended else None


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


def _refusal(error: object) -> str:
    """Say why the runtime refuses, with the fix where the prompt is too long."""
    told = error if isinstance(error, dict) else {}
    if told.get("type") == "exceed_context_size_error":
        return (
            f"the prompt has {told.get('n_prompt_tokens')} tokens, wanted at most {_CONTEXT - MAX_TOKENS}: "
            f"{MAX_TOKENS} of the text follow it. Shorten it"
        )
    return str(told.get("message") or error)


def _choice(answer: Mapping[str, object]) -> dict[str, object]:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ArtifactError(f"the live runtime answers {str(answer)[:200]}, wanted a text")
    return choices[0]
