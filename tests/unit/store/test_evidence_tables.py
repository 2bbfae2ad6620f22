"""The tables of what is measured stand in the same books, and hold nothing personal."""

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from churn_saver.store.evidence_tables import protocols, roles, shadows, versions
from churn_saver.store.schema import metadata


def test_they_are_made_and_asked_for_with_the_others() -> None:
    """What `ping` asks for and Alembic compares is one list of tables."""
    assert metadata.tables["protocols"] is protocols


def test_a_campaign_has_one_protocol_at_most() -> None:
    """The campaign's number is the key, of 64 bits, and the digest is bytes on both databases."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    ddl = str(CreateTable(protocols).compile(dialect=dialect))

    assert [column.name for column in protocols.primary_key] == ["campaign_ref"]
    assert "campaign_ref BIGINT NOT NULL" in ddl
    assert "digest BYTEA NOT NULL" in ddl


def test_a_version_stands_once_and_its_roles_after_each_other() -> None:
    """The hash is unique; a change of a role has a number of its own, and no place where one is replaced."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    assert "UNIQUE (digest)" in str(CreateTable(versions).compile(dialect=dialect))
    assert [column.name for column in roles.primary_key] == ["id"]
    assert metadata.tables["roles"] is roles


def test_a_decision_has_one_row_of_each_shadow() -> None:
    """Both numbers are the key; five doubles are forty bytes, and no column could hold a name."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    ddl = str(CreateTable(shadows).compile(dialect=dialect))

    assert [column.name for column in shadows.primary_key] == ["decision_ref", "version_ref"]
    assert "chances BYTEA NOT NULL" in ddl
    assert not {"TEXT", "VARCHAR"} & set(ddl.replace(",", " ").split())
