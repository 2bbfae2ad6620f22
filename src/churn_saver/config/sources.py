"""ops/configs/sources.yaml: where the public data comes from, under which licence, with which hash."""

from pathlib import PurePosixPath
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from churn_saver.config.reading import Settings

SourceName = Literal["ibm_telco", "uci_bank", "oasst1", "hh_rlhf", "shp2"]
Text = Annotated[str, Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _plain(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "/".join(parts) != path:
        raise ValueError(f"{path!r} is not a plain relative path such as ibm_telco/table.csv")
    return path


RelativePath = Annotated[str, AfterValidator(_plain)]


class Address(Settings):
    """One place where the bytes of a file can be had: https, hf or kaggle."""

    https: Annotated[str, Field(pattern=r"^https?://[^/\s]+/\S*$")] | None = None
    hf: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    """Data set on the Hugging Face hub."""
    kaggle: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    """Data set on Kaggle."""
    file: RelativePath | None = None
    """Path of the file in the data set of hf or kaggle."""
    revision: Text | None = None
    """Commit, on hf."""
    sha256: Sha256 | None = None
    """None: not known; the first one seen is recorded and holds from then on."""
    size: Annotated[int, Field(ge=1)] | None = None
    """Bytes."""

    @model_validator(mode="after")
    def _names_one_place(self) -> "Address":
        ways = [way for way in ("https", "hf", "kaggle") if getattr(self, way) is not None]
        if len(ways) != 1:
            raise ValueError(f"names {len(ways)} places ({', '.join(ways) or 'none'}), wanted one")
        if (self.file is None) != (self.https is not None):
            raise ValueError("file belongs to hf and kaggle, and they need it")
        return self


class SourceFile(Settings):
    """One file as it is downloaded."""

    path: RelativePath
    """Below data/raw, and below a mirror."""
    at: Annotated[tuple[Address, ...], Field(min_length=1)]
    """Tried in order."""


class Source(Settings):
    """One public data set."""

    title: Text
    page: Text
    licence: Text
    cite: Text
    sets: Annotated[dict[str, Annotated[tuple[SourceFile, ...], Field(min_length=1)]], Field(min_length=1)]
    """In order of preference; one is taken, whole."""


class SourcesSettings(Settings):
    """All public data sets."""

    hosts: tuple[Text, ...]
    """Hosts that a download may be redirected to, with all below them."""
    sources: dict[str, Source]

    @model_validator(mode="after")
    def _are_the_known_ones(self) -> "SourcesSettings":
        if set(self.sources) != set(get_args(SourceName)):
            raise ValueError(f"names {', '.join(self.sources)}, wanted {', '.join(get_args(SourceName))}")
        return self
