"""Small public data sets, written as their sources write them, with settings that find them in a mirror."""

import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from churn_saver.adapters.download.fetching import How
from churn_saver.config import DataSettings, SourcesSettings, TabularSettings, parse
from churn_saver.data.uci_bank import MEMBER
from churn_saver.pipeline.run import Outcome, Settings, prepare

CONFIGS = Path(__file__).parents[1] / "ops" / "configs"
TELCO, BANK = "telco/table.csv", "bank/bank.zip"
OASST, OASST_SAMPLE = "oasst/trees.jsonl", "oasst/sample.jsonl"
HH, SHP = "hh/train.jsonl.gz", "shp/train.json"
FILES: Mapping[str, Mapping[str, str]] = {
    "ibm_telco": {"full": TELCO},
    "uci_bank": {"full": BANK},
    "oasst1": {"full": OASST, "sample": OASST_SAMPLE},
    "hh_rlhf": {"full": HH},
    "shp2": {"full": SHP},
}
"""Source → set → its file below the mirror."""
TELCO_ROWS, UNBILLED = 40, 2
LOOK_ALIKES = ("T010", "T011")
TELCO_HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
    "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)
BANK_HEADER = (
    '"age";"job";"marital";"education";"default";"housing";"loan";"contact";"month";"day_of_week";"duration";'
    '"campaign";"pdays";"previous";"poutcome";"emp.var.rate";"cons.price.idx";"cons.conf.idx";"euribor3m";'
    '"nr.employed";"y"'
)
SMALL: Mapping[str, object] = {
    "shares": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "quality.ibm_telco.rows": TELCO_ROWS - UNBILLED,
    "quality.ibm_telco.label_share": [0, 1],
}
"""What of data.yaml must be otherwise for tables of some dozen rows."""


def telco_row(i: int, monthly: float, months: int, total: str, churn: str) -> str:
    """Write one customer as IBM does."""
    line = ("DSL", "Fiber optic")[i % 2]
    contract = ("Month-to-month", "One year", "Two year")[i % 3]
    return (
        f"T{i:03d},{('Male', 'Female')[i % 2]},{i % 2},Yes,No,{months},Yes,No,{line},No,Yes,No,No,Yes,No,"
        f"{contract},Yes,Mailed check,{monthly:g},{total},{churn}"
    )


def telco_csv(rows: int = TELCO_ROWS, factor: float = 1.0) -> str:
    """Write customers; T004 and T005 have no bill yet, T010 and T011 differ in their id alone.

    Args:
        rows: How many.
        factor: On every monthly charge.
    """
    lines = [TELCO_HEADER]
    for i in range(rows):
        months, monthly, churn = 1 + i % 60, factor * (20 + i % 90), ("No", "No", "Yes", "No")[i % 4]
        if i in (4, 5):
            lines.append(telco_row(i, monthly, 0, " ", "No"))
        elif i == 11:
            lines.append(lines[-1].replace("T010", "T011"))
        else:
            lines.append(telco_row(i, monthly, months, f"{monthly * months:g}", churn))
    return "\n".join([*lines, ""])


def bank_csv(rows: int) -> bytes:
    """Write contacts; every third says yes, every fifth was contacted before."""
    lines = [BANK_HEADER]
    for i in range(rows):
        pdays, outcome = (6, '"success"') if i % 5 == 0 else (999, '"nonexistent"')
        lines.append(
            f'{18 + i % 60};"{("admin.", "services", "student")[i % 3]}";"single";"basic.4y";"no";'
            f'"{("yes", "no")[i % 2]}";"no";"cellular";"may";"mon";{100 + i};{1 + i % 4};{pdays};{i % 2};'
            f'{outcome};1.1;93.994;-36.4;{4 + i % 7 / 10:.1f};5191;"{("yes", "no", "no")[i % 3]}"'
        )
    return "\n".join([*lines, ""]).encode()


def bank_zip(rows: int) -> bytes:
    """Pack contacts as UCI does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(MEMBER), bank_csv(rows))
    return buffer.getvalue()


def oasst_lines(trees: int = 60) -> list[str]:
    """Write conversation trees; each third one asks again, in other letters, what the one before asked.

    Every second tree has a second question. Of two replies the one of rank 0 is the better.
    """
    return [json.dumps(_tree(i)) for i in range(trees)]


def _tree(i: int) -> dict[str, object]:
    asked = f"  HOW  do I mend\nthing {i - 1}?" if i % 3 == 2 else f"How do I mend thing {i}?"
    best = _message(f"a{i}", "assistant", f"Mend it with tool {i}.", rank=0)
    if i % 2 == 0:
        again = _message(f"q{i}", "prompter", f"And without tool {i}?")
        again["replies"] = [_message(f"b{i}", "assistant", f"Then not at all, number {i}.", rank=0)]
        best["replies"] = [again]
    worse = _message(f"w{i}", "assistant", f"No idea of {i}.", rank=1)
    root = _message(f"p{i}", "prompter", asked)
    return {
        "message_tree_id": f"p{i}",
        "tree_state": "ready_for_export",
        "prompt": root | {"replies": [worse, best]},
    }


def _message(message_id: str, role: str, text: str, rank: int | None = None) -> dict[str, object]:
    return {
        "message_id": message_id,
        "role": role,
        "text": text,
        "lang": "en",
        "rank": rank,
        "deleted": False,
        "synthetic": False,
        "replies": [],
    }


def hh_lines(pairs: int = 80) -> list[str]:
    """Write pairs of transcripts; two pairs after another have the same opening, in other letters."""
    lines = []
    for i in range(pairs):
        opening = f"what about matter {i // 2}?" if i % 2 else f"What  about matter {i // 2}?"
        middle = f"\n\nAssistant: Which of {i}?\n\nHuman: The one named {i}." if i % 4 == 1 else ""
        start = f"\n\nHuman: {opening}{middle}\n\nAssistant:"
        good, bad = f" A useful answer to {i}.", f" I would not know about {i}" + (", at all" * (i % 3))
        lines.append(json.dumps({"chosen": start + good, "rejected": start + bad}))
    return lines


def shp_lines(pairs: int = 80) -> list[str]:
    """Write pairs of comments; every tenth preference is weak, and each fourth post is one of HH-RLHF's."""
    lines = []
    for i in range(pairs):
        post = i // 2
        history = f"WHAT about matter {post}?" if post % 4 == 0 else f"Which pan fits stove {post}?"
        row = {
            "post_id": f"post{post}",
            "history": history,
            "human_ref_A": f"Take number {i}.",
            "human_ref_B": f"Take none of the {i} there are.",
            "labels": i % 2,
            "score_ratio": 1.2 if i % 10 == 9 else 3.0,
        }
        lines.append(json.dumps(row))
    return lines


def jsonl(lines: Sequence[str]) -> bytes:
    """Put one line under another."""
    return "".join(f"{line}\n" for line in lines).encode()


def contents() -> dict[str, bytes]:
    """Give every file of the mirror but the sample, by its path."""
    return {
        TELCO: telco_csv().encode(),
        BANK: bank_zip(300),
        OASST: jsonl(oasst_lines()),
        HH: gzip.compress(jsonl(hh_lines()), mtime=0),
        SHP: jsonl(shp_lines()),
    }


def write_mirror(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def data_yaml(changes: Mapping[str, object] = SMALL) -> dict[str, Any]:
    """Give the project's data.yaml with some values changed, each named by its path with dots."""
    plain: dict[str, Any] = yaml.safe_load((CONFIGS / "data.yaml").read_text())
    for path, value in changes.items():
        *above, last = path.split(".")
        section = plain
        for name in above:
            section = section[name]
        section[last] = value
    return plain


def sources_yaml() -> dict[str, Any]:
    """Give a sources.yaml whose addresses answer nobody: files come from a mirror or not at all."""
    sources = {
        name: {
            "title": f"Title of {name}",
            "page": f"https://example.org/{name}",
            "licence": "CC0",
            "cite": f"Citation of {name}",
            "sets": {
                one: [{"path": path, "at": [{"https": f"https://127.0.0.1:9/{path}"}]}]
                for one, path in sets.items()
            },
        }
        for name, sets in FILES.items()
    }
    return {"hosts": ["example.org"], "sources": sources}


def tabular_yaml() -> dict[str, Any]:
    """Give the project's tabular.yaml with small models."""
    plain: dict[str, Any] = yaml.safe_load((CONFIGS / "tabular.yaml").read_text())
    plain["risk"]["trees"] = 10
    return plain


def write_configs(folder: Path, changes: Mapping[str, object] = SMALL) -> None:
    """Write the settings of the mirror over those that a folder holds."""
    folder.mkdir(exist_ok=True)
    files = {
        "env.yaml": yaml.safe_load((CONFIGS / "env.yaml").read_text()),
        "serve.yaml": yaml.safe_load((CONFIGS / "serve.yaml").read_text()),
        "tabular.yaml": tabular_yaml(),
        "data.yaml": data_yaml(changes),
        "sources.yaml": sources_yaml(),
    }
    for name, plain in files.items():
        (folder / name).write_text(yaml.safe_dump(plain, sort_keys=False))


def data_settings(changes: Mapping[str, object] = SMALL) -> DataSettings:
    """Read `data_yaml`."""
    return parse(DataSettings, yaml.safe_dump(data_yaml(changes), sort_keys=False), "data.yaml")


def settings(changes: Mapping[str, object] = SMALL) -> Settings:
    """Read all three."""
    return Settings(
        data_settings(changes),
        parse(SourcesSettings, yaml.safe_dump(sources_yaml(), sort_keys=False), "sources.yaml"),
        parse(TabularSettings, yaml.safe_dump(tabular_yaml(), sort_keys=False), "tabular.yaml"),
    )


def prepared(
    name: str,
    folder: Path,
    files: Mapping[str, bytes],
    changes: Mapping[str, object] = SMALL,
    skip_bad_rows: bool = False,
    accept_drift: bool = False,
) -> Outcome:
    """Prepare a data set into folder/data from a new mirror beside it."""
    mirror = folder / "mirror"
    for old in mirror.rglob("*") if mirror.exists() else ():
        if old.is_file():
            old.unlink()
    write_mirror(mirror, files).mkdir(exist_ok=True)
    return prepare(
        name,
        settings(changes),
        folder / "data",
        How(mirror=str(mirror)),
        lambda _what, _done, _total: None,
        skip_bad_rows,
        accept_drift,
    )


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines without any code of the pipeline."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
