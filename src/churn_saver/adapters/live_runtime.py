"""llama.cpp through `xllamacpp`, extra `live`: one model that completes one text at a time.

It knows neither briefs nor slots, and has no deadline: whoever asks can stop it at every token. The runtime
opens a port of this machine that nobody here uses: it answers to a key that is drawn anew and told to nobody.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from churn_saver.adapters.live_files import NEXT_STEP
from churn_saver.errors import ArtifactError, ConfigError

MAX_TOKENS = 64
"""Of a draft; one that does not end by then is not served."""
_CONTEXT = 256
_LEAST = 0.1
"""A word that is less than a tenth as likely as the likeliest is not drawn: with rare words begin most of the
texts that lose their thread, and some of those pass the shield."""


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
        # Mapped, a file that somebody cuts while it is served takes the whole process down (SIGBUS).
        settings.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
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
        self.complete("Hello", "", 0.0, 0, 1, lambda: False)

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Write until the end, the last token, or until told to stop.

        Args:
            prompt: Text that it goes on with.
            form: A grammar in GBNF that the text has to fit, all of it once it ends; empty: any text.
            temperature: 0 takes the likeliest.
            seed: Same seed, same draws.
            tokens: At most.
            stop: Asked before every token.

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
             "top_k": 0, "top_p": 1.0, "min_p": _LEAST, "cache_prompt": True, "grammar": form},
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
