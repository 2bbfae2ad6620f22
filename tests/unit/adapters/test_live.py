"""Live messages: a draft within its deadline or none, from an export whose hash was compared."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.live import LiveWriter, open_live
from churn_saver.adapters.live_form import form_of
from churn_saver.adapters.live_runtime import Completion, Stop
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.domain.slots import Context
from churn_saver.errors import ArtifactError
from tests.failing import Failing, FailingRuntime
from tests.live_exports import exported

BRIEF = Brief(Context(10, "long", "one year", True), "warm")


class Slow:
    """A runtime that writes word by word, each after a wait that it can be told to end."""

    def __init__(self, words: int, ended: bool = True) -> None:
        """Say how many words there are, and whether the text comes to its end."""
        self.words, self.ended = words, ended
        self.asked: list[tuple[str, str, int]] = []
        self.stopped = threading.Event()

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Write the words, asking before each whether to stop."""
        self.asked.append((prompt, form, seed))
        for word in range(self.words):
            if stop():
                self.stopped.set()
                return Completion("", False, word)
            time.sleep(0.01)
        return Completion(" Hi  {name}. ", self.ended, self.words)


class Broken:
    """A runtime that fails until it is mended."""

    def __init__(self, error: Exception | None) -> None:
        """Say how it fails."""
        self.error = error

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Fail."""
        if self.error is not None:
            raise self.error
        return Completion("Hi.", True, 2)


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


def test_a_draft_comes_without_idle_white_space_and_the_prompt_names_nobody(writing: Opener) -> None:
    """What is asked is the brief's prompt and nothing more, in the form of a draft; no space is doubled."""
    runtime = Slow(1)
    draft = writing(runtime, 5_000)(BRIEF)

    assert draft == "Hi {name}."
    assert runtime.asked[0][:2] == (prompt_of(BRIEF) + "\nReply: ", form_of(BRIEF))


def test_each_draft_has_a_seed_of_its_own(writing: Opener) -> None:
    """Asked twice, the runtime draws twice."""
    runtime = Slow(0)
    writer = writing(runtime, 5_000)
    writer(BRIEF)
    writer(BRIEF)

    assert runtime.asked[0][2] != runtime.asked[1][2]


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

        def complete(
            self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
        ) -> Completion:
            """Wait to be released."""
            release.wait(10)
            return Completion("late", True, 1)

    writer = writing(Hanging(0), 50)
    first, second = writer(BRIEF), writer(BRIEF)
    release.set()

    assert (first, second) == (None, None)


def test_while_one_text_hangs_the_next_caller_hears_so_at_once() -> None:
    """Nothing is lined up behind it, and when it comes back texts are written again."""
    failing = Failing("hangs")
    writer = LiveWriter(FailingRuntime(failing), "", 60_000, wait=failing.wait)
    drafts = [writer(BRIEF) for _ in range(3)]
    asked = failing.asked
    failing.mend()
    came_back = threading.Event()
    while (draft := writer(BRIEF)) is None:
        came_back.wait(0.01)
    writer.close()

    assert (drafts, asked) == ([None] * 3, 1)
    assert draft.startswith("Hi {name}")


def test_a_text_without_an_end_is_not_served(writing: Opener) -> None:
    """Cut at its last token, a text is none."""
    assert writing(Slow(1, ended=False), 5_000)(BRIEF) is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ArtifactError("the live runtime refuses: full"), "the live runtime refuses: full"),
        (RuntimeError("no memory"), "RuntimeError: no memory"),
        (KeyError("choices"), "KeyError: 'choices'"),
        (OSError("gone"), "OSError: gone"),
    ],
)
def test_a_runtime_that_fails_gives_none_and_the_fault_is_kept(
    writing: Opener, error: Exception, told: str
) -> None:
    """Whoever asks never has to catch anything; what went wrong is told until a text is written again."""
    runtime = Broken(error)
    writer = writing(runtime, 5_000)
    drafts = [writer(BRIEF), writer(BRIEF)]
    fault = writer.fault
    runtime.error = None
    drafts.append(writer(BRIEF))

    assert drafts == [None, None, "Hi."]
    assert (fault, writer.fault, writer.faults) == (told, None, 2)


def test_to_be_late_is_no_fault(writing: Opener) -> None:
    """The bank answers then, as it should."""
    writer = writing(Slow(1_000), 50)
    writer(BRIEF)

    assert (writer.fault, writer.faults) == (None, 0)


def test_the_first_seed_can_be_given(writing: Opener) -> None:
    """The next draft has the next one, so that a benchmark can be run again."""
    runtime = Slow(0)
    writer = LiveWriter(runtime, "", 5_000, seed=7)
    writer(BRIEF)
    writer(BRIEF)
    writer.close()

    assert [seed for _, _, seed in runtime.asked] == [7, 8]


def test_a_closed_writer_gives_none() -> None:
    """After closing there is nobody who writes."""
    writer = LiveWriter(Slow(1), "", 5_000)
    writer.close()

    assert writer(BRIEF) is None


def test_what_is_no_model_is_refused_by_the_runtime(tmp_path: Path) -> None:
    """Bytes that the manifest vouches for can still be no model."""
    pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")

    with pytest.raises(ArtifactError, match=r"cannot be loaded by xllamacpp"):
        open_live(exported(tmp_path / "live"), 500, 1)
