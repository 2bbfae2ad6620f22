"""Every planted fault, by family; see `planting` for what one is made of."""

from collections.abc import Callable, Iterable

from tests.contract import (
    planted_cells,
    planted_names,
    planted_parquet,
    planted_quotes,
    planted_shapes,
    planted_typed,
)
from tests.contract.planting import Planted

FAMILIES: tuple[Callable[[], Iterable[Planted]], ...] = (
    planted_cells.faulty_cells,
    planted_cells.far_cells,
    planted_shapes.encodings,
    planted_shapes.headers,
    planted_shapes.separators,
    planted_names.names_and_sizes,
    planted_quotes.quotes,
    planted_quotes.repeated,
    planted_quotes.gzips,
    planted_typed.json_forms,
    planted_typed.json_cells,
    planted_typed.pairs,
    planted_parquet.parquets,
)


def planted() -> list[Planted]:
    """Give all of them; no two have one name."""
    return [one for family in FAMILIES for one in family()]
