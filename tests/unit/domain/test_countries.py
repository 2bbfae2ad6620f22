"""Countries and their zones."""

from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import pytest

from churn_saver.domain.countries import country_code, zones_by_country, zones_of
from churn_saver.errors import InputError


def test_zones_known_by_heart() -> None:
    """A country of one zone, of two, of many, and one whose zones are a day apart on the calendar."""
    assert zones_of("JP") == ("Asia/Tokyo",)
    assert zones_of("DE") == ("Europe/Berlin", "Europe/Busingen")
    assert {"America/New_York", "America/Adak", "Pacific/Honolulu"} <= set(zones_of("US"))
    assert set(zones_of("UM")) == {"Pacific/Midway", "Pacific/Wake"}


def test_every_country_of_the_standard_has_zones_that_there_are() -> None:
    """All of iso3166.tab but two islands without people; each of the 400 names is a zone."""
    listed = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8").splitlines()
    standard = {line[:2] for line in listed if not line.startswith("#")}
    zones = {zone for some in zones_by_country().values() for zone in some}

    assert standard - {"BV", "HM"} == set(zones_by_country())
    assert zones <= available_timezones()
    assert len(zones) > 400
    assert all(ZoneInfo(zone).key == zone for zone in zones)


@pytest.mark.parametrize("raw", ["de", " De ", "DE"])
def test_a_code_is_read_in_any_case(raw: str) -> None:
    """White space around it says nothing."""
    assert country_code(raw) == "DE"


@pytest.mark.parametrize("raw", ["", "Germany", "DEU", "UK", "BV", "ß", "\ufb01", "D\u0435", "49", "D E"])
def test_what_is_no_country_is_refused(raw: str) -> None:
    """A name, a code of three letters, an island without people, and signs whose capitals are two letters."""
    with pytest.raises(InputError, match=r"wanted an ISO 3166 code of two letters such as DE"):
        country_code(raw)
