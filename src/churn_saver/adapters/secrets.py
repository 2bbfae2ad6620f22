"""Secrets from Secret Manager, from a file, or as they stand.

A secret goes to the caller and nowhere else: no message of this module has it, and none shows the value of a
reference that might be one.
"""

import re
from pathlib import Path
from typing import Any

from churn_saver.adapters import cloud
from churn_saver.adapters.files import read_bytes
from churn_saver.errors import InputError

ROLE = "roles/secretmanager.secretAccessor"
_VERSION = re.compile(r"projects/[^/\s]+/secrets/[\w-]+/versions/(?:\d+|latest|[A-Za-z][\w-]*)")
_LIMIT_BYTES = 64 * 2**10
"""Secret Manager's own limit; a larger file is no secret but a mistake."""
_TIMEOUT_SECONDS = 30.0


def secret(reference: str) -> str:
    """Look a secret up.

    Args:
        reference: 'projects/P/secrets/S/versions/V' in Secret Manager, 'file:/path', or the secret itself.

    Returns:
        The secret; from a file or Secret Manager without the white space around it, which is never meant.

    Raises:
        InputError: empty, malformed, not to be had, or altered on the way.
        ConfigError: Secret Manager's package is not installed.
    """
    if reference.startswith("file:"):
        return _from_file(Path(reference.removeprefix("file:")))
    if reference.startswith("projects/"):
        if not _VERSION.fullmatch(reference):
            raise InputError(
                "a secret that begins with 'projects/' is a reference, wanted "
                "projects/P/secrets/S/versions/V, where V is a number or 'latest'"
            )
        manager = cloud.package("google.cloud.secretmanager")
        with cloud.answers(reference, ROLE):
            client = manager.SecretManagerServiceClient()
        return access(client, reference)
    if not reference:
        raise InputError("a secret is empty, wanted its value, file:/path or projects/P/secrets/S/versions/V")
    return reference


def access(client: Any, name: str) -> str:
    """Ask Secret Manager.

    Args:
        client: google.cloud.secretmanager.SecretManagerServiceClient
        name: 'projects/P/secrets/S/versions/V'.

    Raises:
        InputError: not to be had, empty, no text, or its crc32c is not the one that came with it.
    """
    crc = cloud.package("google_crc32c")
    with cloud.answers(name, ROLE):
        payload = client.access_secret_version(name=name, timeout=_TIMEOUT_SECONDS).payload
    if crc.value(payload.data) != payload.data_crc32c:
        raise InputError(f"{name} was altered on the way: its crc32c is another. Run the same command again")
    return _text(payload.data, name)


def _from_file(path: Path) -> str:
    """Read a secret from a file.

    A file that everybody may read is taken: that is how Docker and Kubernetes mount secrets, and who may
    look into the container is their decision.
    """
    raw = read_bytes(path, "write the secret there, or mount it")
    if len(raw) > _LIMIT_BYTES:
        raise InputError(f"{path} has {len(raw)} bytes, wanted a secret of at most {_LIMIT_BYTES}")
    return _text(raw, str(path))


def _text(raw: bytes, origin: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        # Its message shows bytes of the secret, so it is not passed on, not even as the cause.
        text = ""
    text = text.strip()
    if not text:
        raise InputError(f"{origin} holds no text, wanted the secret as UTF-8")
    return text
