"""What was altered on disk is refused before a byte of it is parsed, and the service answers without it.

Every kind of file that the service opens, through the functions that open it: bits, lengths, other files in
its place, names that lead elsewhere, and payloads that leave a trace if anything runs them.
"""

import hashlib
import io
import json
import os
import pickle
import random
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest

from churn_saver.adapters import artifacts, banks, live_files, text_models, toxicity
from churn_saver.adapters.ladder import LADDER
from churn_saver.adapters.live_files import verified
from churn_saver.adapters.plain_files import MOST_BYTES
from churn_saver.adapters.policies import policy_file
from churn_saver.adapters.text_models import SFT, Layer, TextModel, read_model, write_model
from churn_saver.config import Environment, LoraSettings
from churn_saver.errors import ArtifactError
from churn_saver.journey import Rules
from churn_saver.message.bank import Bank
from churn_saver.message.toxicity import FIELDS
from churn_saver.opening import (
    defaults_folder,
    open_bank,
    open_live,
    open_policy,
    open_predictors,
    read_frontier,
)
from churn_saver.opening.campaigns import PRICE, PRICE_SHA256
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.serve.app import create_app, sources_of
from tests.banks import CONTEXT, bank_folder, entry
from tests.builders import rules
from tests.faults.sizes import TAMPERED_FILES
from tests.ladders import ENV, asking, measured
from tests.live_exports import exported
from tests.serving import RETAIN, Clock, started

PREDICTORS = (artifacts.CHURN, artifacts.ACCEPT, artifacts.CALIBRATOR)


@dataclass(frozen=True)
class Kind:
    """One kind of artefact: a folder of files, and a file that vouches for them."""

    make: Callable[[Path], Path]
    """Writes good ones below a folder, and gives where."""
    fault: Callable[[Path], str | None]
    """Opens them as the service does; gives why they were refused, None: they were taken."""
    files: tuple[str, ...]
    """That are vouched for."""
    manifest: str


def _shipped(*names: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        folder.mkdir()
        for name in names:
            shutil.copyfile(defaults_folder() / name, folder / Path(name).name)
        return folder

    return make


def _first(lacks: tuple[object, ...]) -> str | None:
    return str(getattr(lacks[0], "fault", None)) if lacks else None


def _raised(open_it: Callable[[], object]) -> str | None:
    try:
        open_it()
    except ArtifactError as error:
        return str(error)
    return None


def _policies(folder: Path) -> Path:
    measured(folder)
    return folder


def _small_bank(folder: Path) -> Path:
    return bank_folder(folder, Bank((entry(0), entry(1, context=replace(CONTEXT, offer_percent=15)))))


def _live_fault(folder: Path) -> str | None:
    fault = _raised(lambda: verified(folder))
    # The runtime would be handed a good one; an altered one must not get so far.
    asked = None if fault is None else open_live(Environment(LIVE_DIR=str(folder)), rules(live=True).serve)
    assert asked is None or (asked[0], _first(asked[1])) == (
        None, f"the bank answers instead of a live text: {fault}"
    )  # fmt: skip
    return fault


def _text_model(folder: Path) -> Path:
    arrays = {"a.lora_A": np.ones((2, 3), np.float32), "a.lora_B": np.zeros((3, 2), np.float32)}
    layer = Layer(LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets="all-linear"), arrays)
    write_model(folder, TextModel(SFT, "tiny", "0" * 16, (layer,), {"seed": 3}))
    return text_models.model_folder(folder, SFT)


KINDS: Mapping[str, Kind] = {
    "predictors": Kind(
        _shipped(*PREDICTORS, artifacts.MANIFEST),
        lambda folder: _first(open_predictors(Environment(MODEL_DIR=str(folder)))[1]),
        PREDICTORS,
        artifacts.MANIFEST,
    ),
    "policies": Kind(
        _policies,
        lambda folder: _first(
            open_policy(Environment(POLICY_DIR=str(folder)), ENV, rules(policy="ppo_price").serve)[1]
        ),
        (policy_file("ppo_price"),),
        LADDER,
    ),
    "bank": Kind(
        _small_bank,
        lambda folder: _first(open_bank(Environment(BANK_DIR=str(folder)))[1]),
        (banks.BANK,),
        banks.MANIFEST,
    ),
    "toxicity": Kind(
        _shipped(f"toxicity/{toxicity.WEIGHTS}", f"toxicity/{toxicity.MANIFEST}"),
        lambda folder: _first(open_toxicity(folder)[1]),
        (toxicity.WEIGHTS,),
        toxicity.MANIFEST,
    ),
    "live": Kind(
        lambda folder: exported(folder), _live_fault, (live_files.MODEL,), live_files.MANIFEST
    ),
    "text models": Kind(
        _text_model,
        lambda folder: _raised(lambda: read_model(folder.parent, SFT)),
        ("adapters_0.safetensors",),
        text_models.MANIFEST,
    ),
    "price": Kind(
        _shipped(PRICE, PRICE_SHA256), lambda folder: _raised(lambda: read_frontier(folder)), (PRICE,),
        PRICE_SHA256,
    ),
}  # fmt: skip


class Trace:
    """Runs when it is unpickled, and leaves a file behind."""

    def __init__(self, place: Path) -> None:
        """Name the file."""
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        """Say what to call: `place.touch()`."""
        return Path.touch, (self.place,)


@cache
def bomb() -> bytes:
    """Give an archive of a few hundred kilobytes that unpacks to more than any artefact may have."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name in FIELDS:
            file.writestr(f"{name}.npy", bytes(MOST_BYTES // len(FIELDS) + 1))
    return found.getvalue()


def payloads(place: Path) -> dict[str, bytes]:
    """Give files that touch a place, or fill the memory, if anybody takes them for what they say they are."""
    dumped, archive, objects = io.BytesIO(), io.BytesIO(), io.BytesIO()
    joblib.dump(Trace(place), dumped)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Trace(place)))
        file.writestr("archive/version", "3\n")
    np.savez(objects, words=np.array([Trace(place)], dtype=object))
    code = f"import pathlib; pathlib.Path({str(place)!r}).touch()"
    return {
        "pickle": pickle.dumps(Trace(place)),
        "old pickle": pickle.dumps(Trace(place), protocol=0),
        "joblib": dumped.getvalue(),
        "torch": archive.getvalue(),
        "npz of objects": objects.getvalue(),
        "zip bomb": bomb(),
        "Python": code.encode(),
        "YAML": f"!!python/object/apply:os.system ['touch {place}']".encode(),
        "nothing": b"",
    }


def altered(raw: bytes, rng: random.Random) -> bytes:
    """Alter bytes: one bit, a stretch, the length, the order."""
    at = rng.randrange(len(raw))
    until = min(len(raw), at + rng.randrange(1, 64))
    ways = (
        lambda: raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :],
        lambda: raw[:at],
        lambda: raw[:at] + raw[until:],
        lambda: raw[:at] + rng.randbytes(until - at) + raw[until:],
        lambda: raw + rng.randbytes(rng.randrange(1, 64)),
        lambda: rng.randbytes(1) + raw,
        lambda: raw[at:] + raw[:at] if at else raw[::-1],
        lambda: raw[:at] + raw[at:until] + raw[at:],
    )
    while (found := rng.choice(ways)()) == raw:
        pass
    return found


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Give each kind in turn."""
    return KINDS[request.param]


def test_an_altered_file_is_refused_by_its_hash(tmp_path: Path, kind: Kind) -> None:
    """All of them, each with the hash that it has; put back as it was, each is taken again."""
    folder, rng = kind.make(tmp_path / "good"), random.Random(0)
    each = TAMPERED_FILES // (len(KINDS) * len(kind.files))
    refused = 0
    for path in (folder / name for name in kind.files):
        good = path.read_bytes()
        assert kind.fault(folder) is None
        for _ in range(each):
            path.write_bytes(altered(good, rng))
            refused += "SHA-256" in (kind.fault(folder) or "")
        path.write_bytes(good)
    assert kind.fault(folder) is None

    assert refused == each * len(kind.files)


def test_other_files_in_its_place_are_refused_by_their_hash(tmp_path: Path, kind: Kind) -> None:
    """Good files of every kind, and payloads: none of these runs, whatever its name."""
    trace = tmp_path / "trace"
    others = payloads(trace)
    for name, other in KINDS.items():
        place = other.make(tmp_path / name)
        others |= {f"{name}/{path.name}": path.read_bytes() for path in place.iterdir()}
    folder = kind.make(tmp_path / "good")
    for path in (folder / name for name in kind.files):
        good = path.read_bytes()
        for what, content in others.items():
            if content == good:
                continue
            path.write_bytes(content)
            fault = kind.fault(folder)
            assert fault is not None, (path.name, what)
            assert "SHA-256" in fault, (path.name, what)
        path.write_bytes(good)

    assert kind.fault(folder) is None
    assert not trace.exists()
    pickle.loads(others["pickle"])
    assert trace.exists()


def test_a_payload_that_is_vouched_for_does_not_run_either(tmp_path: Path, kind: Kind) -> None:
    """Whoever can write the manifest too gets no code run, and no more memory than a file may have."""
    trace, folder = tmp_path / "trace", kind.make(tmp_path / "good")
    manifest = (folder / kind.manifest).read_bytes()
    for path in (folder / name for name in kind.files):
        good = path.read_bytes()
        sizes = b'"size": ?%d\\b', b'"size":%d'
        for what, content in payloads(trace).items():
            path.write_bytes(content)
            vouching = manifest.replace(_sha256(good), _sha256(content))
            vouching = re.sub(sizes[0] % len(good), sizes[1] % len(content), vouching)
            (folder / kind.manifest).write_bytes(vouching)
            fault = kind.fault(folder)
            # Of an exported model only the runtime can tell what it is; it is C++ and knows no pickle.
            assert fault is not None or kind is KINDS["live"], (path.name, what)
            assert "says" not in (fault or ""), (path.name, what, fault)
        path.write_bytes(good)
        (folder / kind.manifest).write_bytes(manifest)

    assert kind.fault(folder) is None
    assert not trace.exists()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def test_files_beside_it_are_not_looked_at(tmp_path: Path, kind: Kind) -> None:
    """Payloads under names that loaders like: the good files are taken as before, and nothing runs."""
    trace, folder = tmp_path / "trace", kind.make(tmp_path / "good")
    names = ("__init__.py", "sitecustomize.py", "conftest.py", "model.pkl", "model.joblib",
             "pytorch_model.bin", "data.pkl", "weights.npz.pkl", ".hidden", "churn_model.ubj.pkl",
             "config.yaml")  # fmt: skip
    for what, content in payloads(trace).items():
        for name in names:
            (folder / name).write_bytes(content)
        assert kind.fault(folder) is None, what

    assert not trace.exists()


def test_a_manifest_vouches_for_the_same_bytes_or_is_refused(tmp_path: Path, kind: Kind) -> None:
    """Altered anyhow, it opens no other file; altered in a hash, it opens none."""
    folder, rng = kind.make(tmp_path / "good"), random.Random(1)
    path = folder / kind.manifest
    good, hashes = path.read_bytes(), [_sha256((folder / name).read_bytes()) for name in kind.files]
    taken: Counter[bool] = Counter()
    for _ in range(TAMPERED_FILES // (4 * len(KINDS))):
        path.write_bytes(altered(good, rng))
        taken[is_taken := kind.fault(folder) is None] += 1
        assert not is_taken or all(one in path.read_bytes() for one in hashes)
    for one in hashes:
        for at in range(0, 64, 7):
            path.write_bytes(
                good.replace(one, one[:at] + (b"0" if one[at : at + 1] != b"0" else b"1") + one[at + 1 :])
            )
            assert "SHA-256" in (kind.fault(folder) or "")

    assert taken[False] > 0


NAMES = ("../outside", "/etc/hostname", "{absolute}", "./{name}", "x/../{name}", "{name}\x00", "..\\outside",
         "~/outside", "{name}/", "", ".", "file:///etc/hostname", "%2e%2e/outside")  # fmt: skip


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("policies", "bank", "price")])
def test_no_name_in_a_manifest_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """Not even to a good copy of the file; ladder, bank and price name no files at all."""
    kind = KINDS[name]
    folder = kind.make(tmp_path / "good")
    manifest = folder / kind.manifest
    for own in kind.files:
        outside = tmp_path / "outside"
        shutil.copyfile(folder / own, outside)
        shutil.copyfile(folder / own, folder.parent / "outside")
        good = json.loads(manifest.read_bytes())
        for wanted in NAMES:
            other = wanted.format(name=own, absolute=outside)
            files = {other if key == own else key: entry for key, entry in good["files"].items()}
            manifest.write_text(json.dumps(good | {"files": files}))
            assert kind.fault(folder) is not None, other
            manifest.write_text(json.dumps(good | {"files": good["files"] | {other: good["files"][own]}}))
            assert kind.fault(folder) is not None or name == "toxicity", other
        manifest.write_text(json.dumps(good))


def test_links_pipes_and_devices(tmp_path: Path, kind: Kind) -> None:
    """A link to the same bytes is as good as they are; what never ends is refused and not waited for."""
    folder = kind.make(tmp_path / "good")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "other").write_bytes(b"other")
    ends = {
        tmp_path / "other": "SHA-256",
        tmp_path / "nowhere": "cannot be read",
        tmp_path: "",
        tmp_path / "pipe": "",
        Path("/dev/zero"): "",
        Path("/dev/null"): "",
    }
    for path in (folder / name for name in (*kind.files, kind.manifest)):
        good = tmp_path / f"{path.name} elsewhere"
        path.rename(good)
        for end, said in ends.items():
            path.symlink_to(end)
            fault = kind.fault(folder)
            assert fault is not None, (path, end)
            assert said in fault or path.name == kind.manifest
            path.unlink()
        path.symlink_to(path.name)
        assert kind.fault(folder) is not None
        path.unlink()
        path.symlink_to(good)
        assert kind.fault(folder) is None
        path.unlink()
        good.rename(path)


RUNGS: Mapping[str, tuple[str, str]] = {
    "predictors": ("predictors_unavailable", "propensity_rule"),
    "policies": ("policy_unavailable", "knapsack"),
    "bank": ("bank_unavailable", "ppo_price"),
    "toxicity": ("toxicity_unavailable", "ppo_price"),
    "live": ("live_unavailable", "ppo_price"),
}
"""What an answer is labelled with, and who decided it instead."""


@pytest.mark.parametrize("name", RUNGS)
def test_the_service_answers_without_it(tmp_path: Path, name: str) -> None:
    """Valid and labelled, whatever the file became; readiness says why, in words that name it."""
    places = {one: KINDS[one].make(tmp_path / one) for one in RUNGS}
    kind, label, decider = KINDS[name], *RUNGS[name]
    environment = asking(tmp_path, "ppo_price", MODEL_DIR=str(places["predictors"])).model_copy(
        update={
            "POLICY_DIR": str(places["policies"]),
            "BANK_DIR": str(places["bank"]),
            "LIVE_DIR": str(places["live"]),
        }
    )
    if name == "live":
        serve = tmp_path / "serve.yaml"
        serve.write_text(re.sub(r"(?m)^live: \w+", "live: true", serve.read_text()))
    path = places[name] / kind.files[0]
    good, rng = path.read_bytes(), random.Random(2)
    for number, content in enumerate((altered(good, rng), b"", payloads(tmp_path / "trace")["pickle"], None)):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        sources = sources_of(environment)
        if name == "toxicity":
            judge, lacks = open_toxicity(places[name])
            bank, _ = sources.open_bank()
            own = Rules.of(sources.rules.env, sources.rules.serve, judge=judge)
            sources = replace(sources, rules=own, open_bank=partial(lambda *found: found, bank, lacks))
        with started(create_app(sources, Clock())) as client:
            answer = client.post("/retain", RETAIN | {"customer_id": f"C{number}"})
            ready = client.get("/readyz")

        found = answer.json()["metadata"]
        assert (answer.status_code, label in found["degraded_reasons"]) == (200, True)
        assert found["policy"].partition("@")[0] == decider
        assert ready.status_code == 503
        assert path.name in str(ready.json()["detail"])
    assert not (tmp_path / "trace").exists()


def test_without_its_price_a_fresh_service_contacts_nobody(tmp_path: Path) -> None:
    """A campaign cannot be drawn up, so there are no books: said so, and tried again."""
    folder = KINDS["price"].make(tmp_path / "price")
    (folder / PRICE).write_bytes(b"{}")
    fault = KINDS["price"].fault(folder)

    def books(now: object) -> object:
        raise ArtifactError(str(fault))

    sources = replace(sources_of(asking(tmp_path, "knapsack")), open_books=books)  # type: ignore[arg-type]
    with started(create_app(sources, Clock())) as client:
        answer = client.post("/retain", RETAIN)

    assert answer.status_code == 200
    assert answer.json()["decision"]["contact"] is False
    assert "ledger_unavailable" in answer.json()["metadata"]["degraded_reasons"]
