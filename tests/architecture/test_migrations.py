"""A migration that was committed stays as it is: some ledger may have been through it."""

import ast
import hashlib
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "src" / "churn_saver" / "store" / "migrations"
COMMITTED = {
    "v0001_books.py": "fc6638b3b439e4f5d1c7701f6123da46d189672fa018d71cc8c0a5c9d5874552",
    "v0002_decide_again.py": "5ff27c831dc3d6e27d09968da429615723f52e6204f7dd19168a2800abde53b0",
    "v0003_message_entry.py": "3217d1aab467e5dbcce9e273a20fb1518bd9fdf62d020032660d2f7d0c29710a",
    "v0004_promises.py": "cd261aa1f9c786007ff17016f68487ddcd366f17c4d205825148633bb1b907ef",
    "v0005_certainty.py": "cf2cd0d4f7eb7ca06ae0566bffd749d018b17d051d9ba69d7a2b3de9109d9a06",
    "v0006_protocols.py": "da3a0c507b4ee7578eceb7d9dc7c37f0a7df7ad2ab1b91a6ef45cda4ad237339",
    "v0007_versions.py": "02e441d582916f9a675ddaf2290dae57cd9bb307f877990757d24ecb43f439f8",
    "v0008_shadows.py": "24d18122470c597f4105c7ef9808f0a46e8b4c6d960110601e037b3deb3688d2",
    "books_at_0005.py": "89a6da035c5da1bfba9c040340a0050eb342bd277087f93b55216577eeca0ae5",
}
"""SHA-256 by file. A new migration gets its line in the commit that brings it, and keeps it.

0005 was changed once: it read the store's own tables and digests, so that a change of these would have
changed what it does. It has its own copy now and writes the same rows as before, on both databases.
"""


def test_a_committed_migration_never_changes() -> None:
    """What a new schema needs stands in a migration of its own, also when the last one is an hour old."""
    files = [*MIGRATIONS.glob("versions/*.py"), *MIGRATIONS.glob("books_at_*.py")]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    assert found == COMMITTED


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("versions/*.py")), ids=lambda path: path.stem)
def test_a_migration_knows_nothing_of_the_store(path: Path) -> None:
    """What it needs of it is copied beside it: the store goes on, and the migration must not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {module for module in modules if module.startswith("churn_saver")}

    assert ours <= {"churn_saver.errors", "churn_saver.store.migrations"}
