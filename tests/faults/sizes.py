"""How much a test of faults does: little before every change, ten times as much in a soak."""

import os


def sized(small: int, large: int) -> int:
    """Give the large number when CHURN_SAVER_SOAK is set."""
    return large if os.environ.get("CHURN_SAVER_SOAK") else small


MALFORMED_REQUESTS = sized(10_000, 200_000)
"""Drawn from the service's document, all together; the table of hostile values is some 20,000 more."""
TAMPERED_FILES = sized(2_000, 10_000)
"""Mutations of artefacts, all kinds together."""
