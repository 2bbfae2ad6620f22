"""Countries and the time zones that their people live in.

Source: zone.tab of the IANA time zone database, as the package `tzdata` carries it beside the zones; it
has every country of ISO 3166 that anybody lives in. Knows no hours.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from churn_saver.errors import InputError, quoted

WANTED_COUNTRY = "an ISO 3166 code of two letters such as DE"


@lru_cache(maxsize=1)
def zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """Give the IANA zones of every country, by ISO 3166 alpha-2 code, in the order of the database."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country] = (*zones.get(country, ()), zone)
    return zones


def country_code(raw: str) -> str:
    """Read a country as a caller sends it, in any case.

    Raises:
        InputError: no country of the time zone database.
    """
    code = raw.strip()
    # Capitals of other alphabets' letters can be two of ours: ß becomes SS.
    code = code.upper() if code.isascii() else ""
    if code not in zones_by_country():
        raise InputError(f"country is {quoted(raw)}, wanted {WANTED_COUNTRY}")
    return code


def zones_of(country: str) -> tuple[str, ...]:
    """Give the zones of a country.

    Raises:
        InputError: no country of the time zone database.
    """
    return zones_by_country()[country_code(country)]
