"""`churn-saver messages`: look at the bank of messages, and say which of them may be served."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at the messages of the bank, approve and reject them.", no_args_is_help=True)

BankFolder = Annotated[
    Path | None,
    typer.Option("--bank", help="Folder of bank.jsonl; default BANK_DIR, checkpoints/message_bank, shipped."),
]
State = Annotated[str | None, typer.Option(help="draft | approved | rejected")]
Channel = Annotated[str | None, typer.Option(help="email | sms | push")]
Offer = Annotated[int | None, typer.Option(help="0 | 5 | 10 | 15, per cent.")]
Tenure = Annotated[str | None, typer.Option(help="unstated | new | settled | long")]
Tone = Annotated[str | None, typer.Option(help="warm | plain | brief")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of messages; or --all with the choice below.")]
Everything = Annotated[
    bool, typer.Option("--all", help="All drafts that the choice leaves; judged ones with --state.")
]


@app.command("list")
def list_messages(
    state: State = None,
    channel: Channel = None,
    offer: Offer = None,
    tenure: Tenure = None,
    tone: Tone = None,
    most: Annotated[int, typer.Option(help="Rows shown.", min=1)] = 20,
    bank: BankFolder = None,
) -> None:
    """List messages, and count how many there are of each state."""
    from churn_saver.cli.message_reviewing import Choice, show_list

    show_list(Choice(state, channel, offer, tenure, tone), most, bank)


@app.command("show")
def show_message(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="As `messages list` and answers name it.")],
    bank: BankFolder = None,
) -> None:
    """Show one message, filled as customers would read it, and what the shield says."""
    from churn_saver.cli.message_reviewing import show_one

    show_one(message_id, bank)


@app.command()
def approve(
    ids: Ids = None,
    everything: Everything = False,
    state: State = None,
    channel: Channel = None,
    offer: Offer = None,
    tenure: Tenure = None,
    tone: Tone = None,
    bank: BankFolder = None,
) -> None:
    """Let messages be served; one that the shield would stop is left as it is."""
    from churn_saver.cli.message_reviewing import Choice, approve_messages

    approve_messages(ids, everything, Choice(state, channel, offer, tenure, tone), bank)


@app.command()
def reject(
    ids: Ids = None,
    everything: Everything = False,
    state: State = None,
    channel: Channel = None,
    offer: Offer = None,
    tenure: Tenure = None,
    tone: Tone = None,
    bank: BankFolder = None,
) -> None:
    """Keep messages from being served."""
    from churn_saver.cli.message_reviewing import Choice, reject_messages

    reject_messages(ids, everything, Choice(state, channel, offer, tenure, tone), bank)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="File to write: .csv, .jsonl or .parquet.")],
    state: State = "approved",
    channel: Channel = None,
    offer: Offer = None,
    tenure: Tenure = None,
    tone: Tone = None,
    bank: BankFolder = None,
) -> None:
    """Write messages as a table, for a spreadsheet or another system."""
    from churn_saver.cli.message_exporting import export_messages
    from churn_saver.cli.message_reviewing import Choice

    export_messages(out, Choice(state, channel, offer, tenure, tone), bank)
