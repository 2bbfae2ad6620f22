"""Read, retain, settle: the only caller of the journey, for one request and for a million rows.

A request (`event`) is settled at once; what the ledger refuses is decided again with what
still fits. A table (`table`) is planned first: the price of budget is solved over all rows, every
proposal is written to a plan, and a commit settles the plan part by part under keys, so that a
commit that was killed goes on where it stopped and nothing is reserved twice.
"""

from churn_saver.decide.event import FORCE_BASELINE, Asked, Engine, Outcome, decide_now, decide_once

__all__ = ["FORCE_BASELINE", "Asked", "Engine", "Outcome", "decide_now", "decide_once"]
