"""Reports of a lift for pages and screen: of ten customers, and with what a test wants otherwise."""

from datetime import timedelta

from churn_saver.config import ProtocolSettings
from churn_saver.pipeline.following import Window
from churn_saver.pipeline.lifting import Plain, lift_report
from tests.builders import NOON
from tests.lift_books import ten, ten_rows

RECORDED = {"digest": "ab" * 32, "recorded_at": "2026-03-01T17:00:00+00:00"}
PROTOCOL = ProtocolSettings.model_validate(
    {
        "metric": "retained", "days": 30, "wanted_effect": 0.02, "customers": 10, "looks": [32, 60],
        "alpha": 0.05, "gate": {"least_gain": 0, "broken_caps": 0, "replays": 100},
        "fairness": {"senior_citizen": {"contact_rate": 0.05}},
    }
)  # fmt: skip


def ten_report(protocol: ProtocolSettings | None = PROTOCOL, days: float = 31, **campaign: object) -> Plain:
    """Give the report of ten customers, one more held out left out, so many days after NOON."""
    rows = [*ten_rows(), ten_rows()[9] | {"features": None}]
    window = Window(30, 1.0, NOON + timedelta(days=days))
    return lift_report(ten(rows, **campaign), window, protocol, None if protocol is None else RECORDED)
