"""`churn-saver data`: public data from download to bucket, and the check of a company's own tables."""

from pathlib import Path
from typing import Annotated

import typer

from churn_saver.cli.options import DATA, Mapping, MappingFile, SkipBadRows

app = typer.Typer(help="Prepare public data, check your own, verify and upload.", no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="Folder of raw/ and processed/.")]
Datasets = Annotated[
    list[str] | None,
    typer.Argument(help="ibm_telco, uci_bank, oasst1, preferences; all of them when none is named."),
]


@app.command()
def prepare(
    datasets: Datasets = None,
    mirror: Annotated[
        str | None,
        typer.Option("--from", help="Folder or URL that holds the files, instead of the internet."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use what was downloaded before; touch no network.")
    ] = False,
    skip_bad_rows: SkipBadRows = False,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="The data has changed and is meant to.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Download, clean, split, check and write public data sets, each with a manifest and a report."""
    from churn_saver.cli.data_preparing import prepare_datasets

    prepare_datasets(datasets, data, mirror, offline, skip_bad_rows, accept_drift)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON lines; plain or gzip.")],
    kind: Annotated[str, typer.Option("--as", help="churn | accept | customers | pairs | messages")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for report and rejects; default var/checks/<file>/.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Write the good rows here (.parquet, .csv or .jsonl).")
    ] = None,
    mapping: Mapping = None,
    mapping_file: MappingFile = None,
) -> None:
    """Check a table of your own by the rules that training and deciding use; exit code 1 on a bad row."""
    from churn_saver.cli.data_checking import check_table

    check_table(file, kind, out, keep, mapping, mapping_file)


@app.command()
def verify(
    where: Annotated[str, typer.Argument(help="Folder or gs://bucket/prefix of processed data.")],
) -> None:
    """Read every file again and compare it with its manifest; exit code 1 when one differs."""
    from churn_saver.cli.data_sending import verify_datasets

    verify_datasets(where)


@app.command()
def upload(
    datasets: Datasets = None,
    to: Annotated[
        str | None, typer.Option(help="Folder or gs://bucket/prefix; default gs://$GCS_DATA_BUCKET.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite another version that stands there.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Upload prepared data to processed/<name>/: write-once, checked, and resumed where it was cut off."""
    from churn_saver.cli.data_sending import upload_datasets

    upload_datasets(datasets, data, to, replace)
