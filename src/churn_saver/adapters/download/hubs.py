"""Files from the Hugging Face hub and from Kaggle, through their own clients.

The clients are handed in as functions. What they bring goes into a part like any other bytes; their
own copies are removed. Hash and size are judged elsewhere.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from churn_saver.adapters.download.addresses import scrubbed
from churn_saver.adapters.download.parts import Part
from churn_saver.errors import ConfigError, InputError

_CHUNK_BYTES = 1024**2
HubClient = Callable[[str, str, str | None, str | None, Path], str]
"""Fetches (data set, file, revision, token, folder) into the folder and gives the path."""
KaggleClient = Callable[[str, str, Path], str]
"""Fetches (data set, file, folder) into the folder and gives the path."""


def huggingface(
    repo: str, file: str, revision: str | None, token: str | None, folder: Path, endpoint: str | None = None
) -> str:
    """Fetch with huggingface_hub.

    Without a token the client uses the one of `hf auth login`, if there is one.

    Args:
        repo: Owner and name.
        file: Path in the data set.
        revision: Commit; None for the newest.
        token: For gated sets.
        folder: Where to.
        endpoint: Another hub than the one of HF_ENDPOINT.

    Raises:
        ConfigError: the package is not installed.
    """
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise ConfigError(
            "huggingface_hub is not installed. Next step: pip install 'churn-saver[data]'"
        ) from error
    return hf_hub_download(
        repo, file, repo_type="dataset", revision=revision, token=token, local_dir=folder, endpoint=endpoint
    )


def kaggle(handle: str, file: str, folder: Path) -> str:
    """Fetch with kagglehub, which unpacks a file that Kaggle packed for the way.

    Raises:
        ConfigError: the package is not installed.
    """
    try:
        from kagglehub import dataset_download
    except ImportError as error:
        raise ConfigError("kagglehub is not installed. Next step: pip install 'churn-saver[data]'") from error
    return str(dataset_download(handle, file, output_dir=str(folder)))


def from_client(
    name: str, part: Part, most: int, secret: str | None, next_step: str, fetch: Callable[[Path], str]
) -> None:
    """Let a client fetch, and put what it brings into a part.

    Args:
        name: The address, for messages.
        part: Where to.
        most: Bytes at most.
        secret: Never to stand in a message.
        next_step: What helps when the client is not allowed.
        fetch: Fetches into a folder and gives the path.

    Raises:
        InputError: the client failed, or brought too much or no file.
        ConfigError: it is not installed.
    """
    folder = part.place.with_name(f".{part.place.name}.fetched")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        fetched = Path(_asked(fetch, folder, name, secret, next_step))
        _take(fetched, name, part, most)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _asked(fetch: Callable[[Path], str], folder: Path, name: str, secret: str | None, next_step: str) -> str:
    try:
        return fetch(folder)
    except ConfigError:
        raise
    # Each client has its own tree of errors, parts of it outside of any common class.
    except Exception as error:
        why = " ".join(scrubbed(str(error), secret).split())
        step = f". Next step: {next_step}" if _is_about_rights(error) else ""
        raise InputError(f"{name} failed ({type(error).__name__}: {why}){step}") from None


def _take(path: Path, name: str, part: Part, most: int) -> None:
    if not path.is_file():
        raise InputError(f"{name} gave {path.name!r}, which is no file")
    if path.stat().st_size > most:
        raise InputError(
            f"{name} has {path.stat().st_size:,} bytes, wanted at most {most:,}: nothing was kept"
        )
    part.begin(name, "")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            part.write(chunk)


def _is_about_rights(error: Exception) -> bool:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status in (401, 403) or type(error).__name__ == "UnauthenticatedError"
