"""How much a test of faults does: little before every change, ten times as much in a soak."""

import os


def sized(small: int, large: int) -> int:
    """Give the large number when CHURN_SAVER_SOAK is set."""
    return large if os.environ.get("CHURN_SAVER_SOAK") else small
