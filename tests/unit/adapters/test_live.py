"""Live messages: a draft within its deadline or none, from an export whose hash was compared."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.live import MANIFEST, MODEL, Completion, LiveWriter, Stop, open_live, verified
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.domain.slots import Context
from churn_saver.errors import ArtifactError

BRIEF = Brief(Context(10, "long", "one year", True), "warm")


class Slow:
    """A runtime that writes word by word, each after a wait that it can be told to end."""

    def __init__(self, words: int, ended: bool = True) -> None:
        """Say how many words there are, and whether the text comes to its end."""
        self.words, self.ended = words, ended
        self.asked: list[tuple[str, int, int]] = []
        self.stopped = threading.Event()

    def complete(self, prompt: str, temperature: float, seed: int, tokens: int, stop: Stop) -> Completion:
        """Write the words, asking before each whether to stop."""
        self.asked.append((prompt, seed, tokens))
        for word in range(self.words):
            if stop():
                self.stopped.set()
                return Completion("", False, word)
            time.sleep(0.01)
        return Completion(" Hi {name}. ", self.ended, self.words)


class Broken:
    """A runtime that fails."""

    def complete(self, prompt: str, temperature: float, seed: int, tokens: int, stop: Stop) -> Completion:
        """Fail."""
        raise RuntimeError("no memory")


Opener = Callable[..., LiveWriter]


@pytest.fixture
def writing() -> Iterator[Opener]:
    """Give a way to make writers that are closed at the end."""
    made: list[LiveWriter] = []

    def make(runtime: Slow | Broken, deadline_ms: float) -> LiveWriter:
        made.append(LiveWriter(runtime, "\nReply: ", deadline_ms))
        return made[-1]

    yield make
    for writer in made:
        writer.close()


def test_a_draft_comes_without_white_space_and_the_prompt_names_nobody(writing: Opener) -> None:
    """What is asked is the brief's prompt and nothing more; what comes is trimmed."""
    runtime = Slow(1)
    draft = writing(runtime, 5_000)(BRIEF)

    assert draft == "Hi {name}."
    assert runtime.asked[0][0] == prompt_of(BRIEF) + "\nReply: "


def test_each_draft_has_a_seed_of_its_own(writing: Opener) -> None:
    """Asked twice, the runtime draws twice."""
    runtime = Slow(0)
    writer = writing(runtime, 5_000)
    writer(BRIEF)
    writer(BRIEF)

    assert runtime.asked[0][1] != runtime.asked[1][1]


def test_past_its_deadline_there_is_none_and_the_runtime_is_stopped(writing: Opener) -> None:
    """A text of ten seconds is given up after 50 ms, and nobody goes on writing it."""
    runtime = Slow(1_000)
    started = time.monotonic()
    draft = writing(runtime, 50)(BRIEF)
    taken = time.monotonic() - started

    assert draft is None
    assert taken < 2
    assert runtime.stopped.wait(5)


def test_a_runtime_that_hangs_does_not_hold_the_caller(writing: Opener) -> None:
    """The deadline holds although the runtime does not ask whether to stop."""
    release = threading.Event()

    class Hanging(Slow):
        """Waits, whatever it is told."""

        def complete(self, prompt: str, temperature: float, seed: int, tokens: int, stop: Stop) -> Completion:
            """Wait to be released."""
            release.wait(10)
            return Completion("late", True, 1)

    writer = writing(Hanging(0), 50)
    first, second = writer(BRIEF), writer(BRIEF)
    release.set()

    assert (first, second) == (None, None)


def test_a_text_without_an_end_is_not_served(writing: Opener) -> None:
    """Cut at its last token, a text is none."""
    assert writing(Slow(1, ended=False), 5_000)(BRIEF) is None


def test_a_runtime_that_fails_gives_none(writing: Opener) -> None:
    """Whoever asks for a live text never has to catch anything."""
    assert writing(Broken(), 5_000)(BRIEF) is None


def test_a_closed_writer_gives_none() -> None:
    """After closing there is nobody who writes."""
    writer = LiveWriter(Slow(1), "", 5_000)
    writer.close()

    assert writer(BRIEF) is None


def exported(folder: Path, content: bytes = b"GGUF weights", **changed: object) -> Path:
    """Write a folder as an export does, with what is changed in its manifest."""
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest = {
        "schema": 1, "model": {"name": "tiny", "version": "0"}, "precision": "F32", "asking": "\nReply: ",
        "files": {MODEL: entry},
    }  # fmt: skip
    folder.mkdir()
    (folder / MODEL).write_bytes(content)
    (folder / MANIFEST).write_bytes(canonical(manifest | changed))
    return folder


def test_a_whole_export_says_what_stands_after_a_prompt(tmp_path: Path) -> None:
    """The manifest is the one place that knows how the model was asked in training."""
    assert verified(exported(tmp_path / "live")) == "\nReply: "


def test_a_truncated_model_is_refused_by_name(tmp_path: Path) -> None:
    """Half a file is refused before the runtime sees a byte, with what makes it again."""
    folder = exported(tmp_path / "live")
    (folder / MODEL).write_bytes(b"GGUF w")

    with pytest.raises(ArtifactError, match=r"model\.gguf has 6 bytes .* it was cut or altered"):
        verified(folder)


def test_an_absent_model_is_refused_with_what_makes_it(tmp_path: Path) -> None:
    """Neither folder nor file is there."""
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read .*churn-saver live-model"):
        verified(tmp_path / "nowhere")
    folder = exported(tmp_path / "live")
    (folder / MODEL).unlink()
    with pytest.raises(ArtifactError, match=r"model\.gguf cannot be read"):
        verified(folder)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"{", r"manifest\.json: "),
        (b"[]", r"manifest\.json: "),
        (json.dumps({"schema": 1}).encode(), r"manifest\.json: "),
    ],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, raw: bytes, complaint: str) -> None:
    """What is no manifest is not guessed at."""
    folder = exported(tmp_path / "live")
    (folder / MANIFEST).write_bytes(raw)

    with pytest.raises(ArtifactError, match=complaint):
        verified(folder)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    """An export of a later version is not read as one of this."""
    with pytest.raises(ArtifactError, match=r"schema is 2, wanted 1"):
        verified(exported(tmp_path / "live", schema=2))


def test_what_is_no_model_is_refused_by_the_runtime(tmp_path: Path) -> None:
    """Bytes that the manifest vouches for can still be no model."""
    pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")

    with pytest.raises(ArtifactError, match=r"cannot be loaded by xllamacpp"):
        open_live(exported(tmp_path / "live"), 500, 1)
