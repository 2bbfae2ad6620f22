"""Public data into the raw folder: whole, with the right hash, or not at all."""

from churn_saver.adapters.download.fetching import How, fetch
from churn_saver.adapters.download.vouching import Raw

__all__ = ["How", "Raw", "fetch"]
