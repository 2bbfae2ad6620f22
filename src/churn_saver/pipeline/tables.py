"""Recipes of the two tables: bytes → checked rows → derived columns → splits by customer."""

import hashlib
from collections.abc import Mapping

import numpy as np
import polars as pl

from churn_saver.adapters.download import Raw
from churn_saver.adapters.files import read_bytes
from churn_saver.config import DataSettings, TabularSettings
from churn_saver.data import ibm_telco, uci_bank
from churn_saver.data.splitting import parts, split_of
from churn_saver.domain.action import N_OFFERS
from churn_saver.errors import ConfigError
from churn_saver.pipeline.prepared import Prepared, Taken
from churn_saver.train.bank_reference import base_of

AGAIN = "download it again: make data.all"
ASSUMED = (
    "The data has no offers: offer_pct, propensity and accepted are drawn, and the effect of an offer in "
    "them is assumed, not measured."
)


def prepare_telco(taken: Mapping[str, Taken], settings: DataSettings) -> Prepared:
    """Prepare IBM Telco: customers with a first bill, derived columns, splits by customer.

    Raises:
        ConfigError: the settings name more than one file.
        TableError: the file is no table, or a column is missing.
    """
    raw = _only_file(taken["ibm_telco"])
    telco = ibm_telco.read_telco(read_bytes(raw.path, AGAIN), raw.name)
    frame = ibm_telco.engineered(telco.checked.frame)
    return Prepared(
        _by_customer(frame, settings),
        "parquet",
        {},
        {"customers without a first bill": telco.unbilled},
        _from(raw.name, telco.checked.rejects),
        telco.checked.faults,
        {},
    )


def prepare_bank(
    taken: Mapping[str, Taken],
    settings: DataSettings,
    tabular: TabularSettings,
) -> Prepared:
    """Prepare UCI Bank: contacts, a drawn offer and who accepts it, splits by contact.

    The truth behind the drawn answers stays out of the files: whoever learns from them must not see it.

    Raises:
        ConfigError: the settings name more than one file.
        InputError: the zip is damaged, unsafe, or lacks the table.
        TableError: the file is no table, or a column is missing.
    """
    raw = _only_file(taken["uci_bank"])
    content = uci_bank.table_in(read_bytes(raw.path, AGAIN), raw.name)
    checked = uci_bank.check_bank(content, raw.name)
    base = base_of(checked.frame, tabular)
    rng = np.random.default_rng(settings.seed)
    drawn = uci_bank.semi_synthetic(base.frame, base.probability, rng, settings.uci_bank.logging)
    frame = uci_bank.engineered(drawn.drop(f"true_prob_{k}" for k in range(N_OFFERS)))
    found = hashlib.sha256(content).hexdigest()
    return Prepared(
        _by_customer(frame, settings),
        "parquet",
        settings.uci_bank.model_dump() | {"chance_of_a_yes": _recipe(tabular)},
        {},
        _from(raw.name, checked.rejects),
        checked.faults,
        {uci_bank.MEMBER: (found, uci_bank.MEMBER_SHA256)},
        (ASSUMED,),
    )


def _only_file(taken: Taken) -> Raw:
    if len(taken.files) != 1:
        names = ", ".join(raw.name for raw in taken.files)
        raise ConfigError(
            f"set {taken.set!r} in sources.yaml names {names}, wanted 1 file: name the table alone"
        )
    return taken.files[0]


def _by_customer(frame: pl.DataFrame, settings: DataSettings) -> dict[str, pl.DataFrame]:
    split = split_of(frame["customer_id"].to_list(), settings.seed, settings.shares.model_dump())
    return parts(frame, split)


def _from(file: str, rejects: pl.DataFrame) -> pl.DataFrame:
    return rejects.select(pl.lit(file).alias("file"), pl.all())


def _recipe(tabular: TabularSettings) -> dict[str, object]:
    """Say by which settings the chance of a real yes was fitted, on which the drawn answers rest."""
    return {
        "seed": tabular.seed,
        "folds": tabular.folds,
        "preset": tabular.preset,
        **tabular.risk.model_dump(),
    }
