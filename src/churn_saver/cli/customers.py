"""The commands about people: who must not be contacted, and who is to be forgotten.

Heavy imports stand inside.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from churn_saver.errors import quoted

app = typer.Typer()
suppress = typer.Typer(help="Keep the list of those who must not be contacted.", no_args_is_help=True)
app.add_typer(suppress, name="suppress")

CustomerId = Annotated[str, typer.Argument(metavar="ID", help="Your own id of the customer.")]


@suppress.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet with a column customer_id.")],
) -> None:
    """Put everybody in a file on the list, known or not; on one bad row nobody is put on it."""
    from churn_saver.adapters.files import read_bytes
    from churn_saver.cli.screen import counted, say
    from churn_saver.config import environment
    from churn_saver.data.meaning.columns import identifier
    from churn_saver.data.tables import Table, read
    from churn_saver.opening import open_books

    raw = read_bytes(file, "name a file with a column customer_id")
    table = Table("suppressions", (identifier("customer_id", unique=False),))
    ids = read(raw, file.name, table).require(False)["customer_id"].to_list()
    with open_books(environment(os.environ)) as store:
        new = store.import_suppressions(ids, datetime.now(UTC))
    say(f"{counted(len(ids), 'row')} read, {new:,} new on the list")


@suppress.command("add")
def add(customer_id: CustomerId) -> None:
    """Put one customer on the list."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.domain.identifiers import checked_id
    from churn_saver.opening import open_books

    one = checked_id(customer_id)
    with open_books(environment(os.environ)) as store:
        new = store.suppress(one, datetime.now(UTC))
    say(f"{one} is on the list{'' if new else ' already'}: no message goes out, planned ones included")


@suppress.command("list-count")
def list_count() -> None:
    """Count who is on the list; it cannot be listed, strangers stand there as hashes."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    with open_books(environment(os.environ)) as store:
        found = store.unwanted()
    say(f"{found.suppressed:,} suppressed, {found.opted_out:,} opted out")


@app.command("erase")
def erase(
    customer_id: CustomerId,
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to wait for those who read what was before.")
    ] = 60.0,
) -> None:
    """Forget a customer: id, name, messages, features, kept answers. The money stays as it is."""
    from churn_saver.cli.screen import note, say
    from churn_saver.config import environment
    from churn_saver.domain.identifiers import checked_id
    from churn_saver.opening import open_books

    one = checked_id(customer_id)
    with open_books(environment(os.environ)) as store:
        known = store.erase(one, datetime.now(UTC))
        is_empty = store.wait_until_empty(wait)
    if not known:
        say(f"nothing is known under {quoted(one)}: never seen, or erased before")
        return
    say("erased; the customer's decisions keep their numbers under a drawn id")
    if not is_empty:
        note(
            "the ledger's log still holds what was before, since somebody reads it: stop long exports; it is "
            "emptied when the last one closes the ledger"
        )
    note("backups, and files made from the ledger such as plans and decisions.csv, are yours to remove")
