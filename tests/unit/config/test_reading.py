"""Settings: read from text, frozen, every fault told at once."""

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from churn_saver.config import Settings, parse, yaml_mapping
from churn_saver.errors import ConfigError


class Lamp(Settings):
    """A section of settings that only these tests know."""

    watts: Annotated[int, Field(ge=1)]
    colour: str
    hours: Annotated[float, Field(gt=0)] = 8.0


def test_a_file_is_read_with_its_types() -> None:
    """A number stays a number, what is absent has its default."""
    lamp = parse(Lamp, "watts: 40\ncolour: red\n", "lamp.yaml")

    assert (lamp.watts, lamp.colour, lamp.hours) == (40, "red", 8.0)


def test_settings_cannot_be_changed_after_reading() -> None:
    """A frozen section is the same for everybody who holds it."""
    lamp = parse(Lamp, "watts: 40\ncolour: red\n", "lamp.yaml")

    with pytest.raises(ValidationError, match=r"frozen"):
        lamp.watts = 1  # type: ignore[misc]


def test_all_faults_are_told_at_once() -> None:
    """Three bad settings, three lines, each with file, name and value."""
    with pytest.raises(ConfigError, match=r"watts") as caught:
        parse(Lamp, "watts: 0\nhours: -1\ncolour: red\nshape: round\n", "lamp.yaml")

    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("lamp.yaml: ") for line in lines)
    assert {line.split()[1] for line in lines} == {"watts", "hours", "shape"}


def test_some_settings_can_be_put_over_others() -> None:
    """The rest stays, the old ones too; nothing to change changes nothing."""
    lamp = parse(Lamp, "watts: 40\ncolour: red\n", "lamp.yaml")

    other = lamp.changed({"watts": 60}, "the command line")

    assert (other.watts, other.colour, lamp.watts) == (60, "red", 40)
    assert lamp.changed({}, "the command line") == lamp


def test_changed_settings_are_checked_as_those_of_a_file_are() -> None:
    """All faults at once, in the name of who changed them."""
    lamp = parse(Lamp, "watts: 40\ncolour: red\n", "lamp.yaml")

    with pytest.raises(ConfigError, match=r"^the command line: watts is 0: .*\nthe command line: shape is"):
        lamp.changed({"watts": 0, "shape": "round"}, "the command line")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n- b\n", r"holds list, wanted 'name: value' lines"),
        ("a: [", r"is not YAML"),
        ("", r"holds NoneType"),
    ],
)
def test_what_is_no_settings_file_is_refused(text: str, reason: str) -> None:
    """The message names the file and what was wanted."""
    with pytest.raises(ConfigError, match=r"^x\.yaml " + reason):
        yaml_mapping(text, "x.yaml")
