"""A migration that was committed stays as it is: some ledger may have been through it."""

import hashlib
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "src" / "churn_saver" / "store" / "migrations" / "versions"
COMMITTED = {
    "v0001_books.py": "fc6638b3b439e4f5d1c7701f6123da46d189672fa018d71cc8c0a5c9d5874552",
    "v0002_decide_again.py": "5ff27c831dc3d6e27d09968da429615723f52e6204f7dd19168a2800abde53b0",
    "v0003_message_entry.py": "3217d1aab467e5dbcce9e273a20fb1518bd9fdf62d020032660d2f7d0c29710a",
    "v0004_promises.py": "cd261aa1f9c786007ff17016f68487ddcd366f17c4d205825148633bb1b907ef",
    "v0005_certainty.py": "3db89d15709b00c687c796bd762d5b1233cf0b105f98eb06b568ac0c5f81dcd3",
}
"""SHA-256 by file. A new migration gets its line in the commit that brings it, and keeps it."""


def test_a_committed_migration_never_changes() -> None:
    """What a new schema needs stands in a migration of its own, also when the last one is an hour old."""
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(VERSIONS.glob("*.py"))
    }

    assert found == COMMITTED
