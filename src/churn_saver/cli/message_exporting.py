"""Write the messages of the bank out as a table, for a spreadsheet or another system."""

import io
from pathlib import Path

import polars as pl

from churn_saver.adapters.banks import LANGUAGE, read_bank
from churn_saver.adapters.files import write_bytes
from churn_saver.cli.message_reviewing import Choice, folder_of
from churn_saver.cli.screen import counted, say
from churn_saver.errors import InputError
from churn_saver.message.bank import Entry

_ENDINGS = (".csv", ".jsonl", ".parquet")


def export_messages(out: Path, choice: Choice, folder: Path | None) -> None:
    """Write what is meant as a table.

    Raises:
        InputError: nothing is meant, or the file has another ending.
    """
    if out.suffix.lower() not in _ENDINGS:
        raise InputError(f"{out} ends in {out.suffix or 'nothing'}, wanted {', '.join(_ENDINGS)}")
    chosen = [entry for entry in read_bank(folder_of(folder)).bank.entries if choice.has(entry)]
    if not chosen:
        raise InputError(
            "no message is meant, wanted 1 or more. See which there are: churn-saver messages list"
        )
    frame = pl.DataFrame([_row(entry) for entry in chosen], infer_schema_length=None)
    buffer = io.BytesIO()
    match out.suffix.lower():
        case ".csv":
            frame.write_csv(buffer)
        case ".jsonl":
            frame.write_ndjson(buffer)
        case _:
            frame.write_parquet(buffer)
    write_bytes(out, buffer.getvalue())
    say(f"wrote {counted(len(chosen), 'message')} to {out}")


def _row(entry: Entry) -> dict[str, object]:
    """Give a message as a row, under the names that `churn-saver data check --as messages` knows."""
    context = entry.context
    return {
        "message_id": entry.id,
        "text": entry.text,
        "offer_pct": context.offer_percent,
        "tone": entry.brief.tone,
        "channel": context.channel,
        "language": LANGUAGE,
        "contract_type": context.contract,
        "review": entry.review,
        "tenure": context.tenure,
        "has_name": context.has_name,
        "score": entry.score,
        "model": entry.model,
    }
