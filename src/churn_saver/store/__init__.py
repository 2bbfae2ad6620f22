"""The books: campaigns, reservations, decisions."""

from churn_saver.store.budget import Totals
from churn_saver.store.database import sqlite_url
from churn_saver.store.decisions import Columns, DecisionRecord
from churn_saver.store.history import Known
from churn_saver.store.ledger import Store, open_store

__all__ = ["Columns", "DecisionRecord", "Known", "Store", "Totals", "open_store", "sqlite_url"]
