"""The books: campaigns, reservations, decisions."""

from churn_saver.store.answering import Answer, Answering
from churn_saver.store.budget import Totals
from churn_saver.store.campaigns import Limit
from churn_saver.store.connecting import sqlite_url
from churn_saver.store.controls import Control
from churn_saver.store.deadlines import acquired, at_most, by, rest, until, within
from churn_saver.store.decisions import DecisionColumns, DecisionRecord
from churn_saver.store.endings import Ending
from churn_saver.store.history import Known
from churn_saver.store.ledger import Store, open_store
from churn_saver.store.outbox import Queue
from churn_saver.store.suppressing import Unwanted
from churn_saver.store.tracing import Trace

__all__ = [
    "Answer",
    "Answering",
    "Control",
    "DecisionColumns",
    "DecisionRecord",
    "Ending",
    "Known",
    "Limit",
    "Queue",
    "Store",
    "Totals",
    "Trace",
    "Unwanted",
    "acquired",
    "at_most",
    "by",
    "open_store",
    "rest",
    "sqlite_url",
    "until",
    "within",
]
