"""How a settings file is read: frozen sections, unknown names refused, every fault told at once.

`parse` takes text, never a path: who reads the file is the caller's business.
"""

from collections.abc import Mapping
from typing import Annotated, Self, TypeVar
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from churn_saver.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Hour = Annotated[int, Field(ge=0, le=24)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Settings(BaseModel):
    """A frozen section of settings that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    def changed(self, changes: Mapping[str, object], origin: str) -> Self:
        """Put other values over some of these and check all again.

        Raises:
            ConfigError: a value cannot be used; names all of them.
        """
        return validated(type(self), self.model_dump() | dict(changes), origin)


AnySettings = TypeVar("AnySettings", bound=Settings)


def parse(kind: type[AnySettings], text: str, origin: str) -> AnySettings:
    """Read one settings file.

    Args:
        kind: The class that belongs to the file.
        text: YAML.
        origin: Name of the file, for error messages.

    Raises:
        ConfigError: not YAML, or any field missing, unknown or out of range; names all of them.
    """
    return validated(kind, yaml_mapping(text, origin), origin)


def yaml_mapping(text: str, origin: str) -> dict[str, object]:
    """Read the 'name: value' lines of a settings file, unjudged.

    Raises:
        ConfigError: not YAML, or something else than such lines.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{origin} is not YAML: {error}. Mend the line it names.") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{origin} holds {type(raw).__name__}, wanted 'name: value' lines")
    return raw


def validated(kind: type[AnySettings], raw: Mapping[str, object], origin: str) -> AnySettings:
    """Check plain values against their class.

    Raises:
        ConfigError: any field missing, unknown or out of range; names all of them.
    """
    try:
        return kind.model_validate(dict(raw))
    except ValidationError as error:
        lines = [
            f"{origin}: {'.'.join(map(str, fault['loc'])) or 'file'} is {fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ConfigError("\n".join(lines)) from error
