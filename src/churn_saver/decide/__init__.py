"""Read, retain, settle: the only caller of the journey, for one request and for a million rows.

A request (`event`) is settled at once, together with those that wait at that moment (`gathering`); what the
ledger refuses is decided again with what still fits. A table (`tables`) has one price of budget over all its
rows. One that comes in a request is settled whole (`batches`); one of a file is planned first (`planning`):
every proposal is written to a plan, and a commit (`committing`) settles it part by part under keys, so that a
commit that was killed goes on where it stopped and nothing is reserved twice. `replaying` makes a decision
again, and `explaining` says why it was made so.
"""

from churn_saver.decide.engine import FORCE_BASELINE, Asked, Engine, Outcome
from churn_saver.decide.event import decide_now, decide_once

__all__ = ["FORCE_BASELINE", "Asked", "Engine", "Outcome", "decide_now", "decide_once"]
