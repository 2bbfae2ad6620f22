"""Secrets are looked up, and stand in no message."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from churn_saver.adapters.secrets import access, secret
from churn_saver.errors import InputError

grpc = pytest.importorskip("grpc")
manager = pytest.importorskip("google.cloud.secretmanager_v1")
transports = pytest.importorskip("google.cloud.secretmanager_v1.services.secret_manager_service.transports")
crc32c = pytest.importorskip("google_crc32c")

NAME = "projects/p/secrets/hub-token/versions/latest"
VALUE = "hf_Tr0ub4dor"


class SecretManager:
    """The one call that we make, over real gRPC, with the library's own message types."""

    def __init__(self) -> None:
        """Hold one secret."""
        self.payload = VALUE.encode()
        self.crc32c: int | None = None
        self.status: Any = None
        self.asked: list[str] = []

    def answer(self, request: Any, context: Any) -> Any:
        """Give the secret, or refuse."""
        self.asked.append(request.name)
        if self.status is not None:
            context.abort(self.status, "refused")
        declared = crc32c.value(self.payload) if self.crc32c is None else self.crc32c
        return manager.AccessSecretVersionResponse(
            name=request.name, payload={"data": self.payload, "data_crc32c": declared}
        )

    def handler(self) -> Any:
        """Give what a gRPC server wants."""
        call = grpc.unary_unary_rpc_method_handler(
            self.answer,
            request_deserializer=manager.AccessSecretVersionRequest.deserialize,
            response_serializer=manager.AccessSecretVersionResponse.serialize,
        )
        service = "google.cloud.secretmanager.v1.SecretManagerService"
        return grpc.method_handlers_generic_handler(service, {"AccessSecretVersion": call})


@pytest.fixture
def service() -> SecretManager:
    """Make a service that answers."""
    return SecretManager()


@pytest.fixture
def client(service: SecretManager) -> Iterator[Any]:
    """Connect the library's own client to the service on loopback."""
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((service.handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    transport = transports.SecretManagerServiceGrpcTransport(channel=channel)
    yield manager.SecretManagerServiceClient(transport=transport)
    channel.close()
    server.stop(grace=5).wait()


def test_a_secret_comes_from_secret_manager(client: Any, service: SecretManager) -> None:
    """By its full name, without the line end that `echo` adds."""
    service.payload = f"{VALUE}\n".encode()

    assert access(client, NAME) == VALUE
    assert service.asked == [NAME]


@pytest.mark.parametrize("wrong", [0, 1, 2**32 - 1])
def test_a_secret_altered_on_the_way_is_refused(client: Any, service: SecretManager, wrong: int) -> None:
    """Its crc32c is another, or was left out."""
    service.crc32c = wrong

    with pytest.raises(InputError, match=r"versions/latest was altered on the way") as refused:
        access(client, NAME)
    assert VALUE not in str(refused.value)


@pytest.mark.parametrize("raw", [b"", b" \n", b"hf_\xff\xfe"])
def test_what_is_no_text_is_refused_and_not_shown(
    client: Any, service: SecretManager, tmp_path: Path, raw: bytes
) -> None:
    """Neither in the message nor in what caused it; from Secret Manager and from a file."""
    service.payload = raw
    (tmp_path / "secret").write_bytes(raw)

    look_ups: list[Callable[[], str]] = [
        lambda: access(client, NAME),
        lambda: secret(f"file:{tmp_path / 'secret'}"),
    ]
    for look_up in look_ups:
        with pytest.raises(InputError, match=r"holds no text, wanted the secret as UTF-8$") as refused:
            look_up()
        assert (refused.value.__cause__, refused.value.__context__) == (None, None)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("NOT_FOUND", r"versions/latest is not there"),
        ("PERMISSION_DENIED", r"may not do that .*roles/secretmanager\.secretAccessor"),
        ("UNAUTHENTICATED", r"does not know who is asking"),
        ("INTERNAL", r"cannot be reached"),
        ("FAILED_PRECONDITION", r"Google Cloud refused"),
    ],
)
def test_each_refusal_says_what_to_do(client: Any, service: SecretManager, status: str, said: str) -> None:
    """As answered by the service."""
    service.status = getattr(grpc.StatusCode, status)

    with pytest.raises(InputError, match=said):
        access(client, NAME)


def test_nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Says how to sign in; asks nothing of any network."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))

    with pytest.raises(
        InputError, match=r"does not know who is asking .*gcloud auth application-default login"
    ):
        secret(NAME)


@pytest.mark.parametrize(
    "reference",
    [
        "projects/", "projects/p/secrets/s", "projects/p/secrets/s/versions/",
        "projects/p/secrets/s/versions/1/2", "projects/p/locations/l/secrets/s/versions/1",
        "projects//secrets/s/versions/1",
        "projects/p/secrets/s/versions/1\n",
    ],
)  # fmt: skip
def test_half_a_reference_is_not_taken_for_a_secret(reference: str) -> None:
    """It would be sent to somebody as if it were one. It might still be one, so it is not shown."""
    with pytest.raises(InputError, match=r"^a secret that begins with 'projects/' .*/versions/V,"):
        secret(reference)


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    """Without white space around it, also from a file that everybody may read, as containers mount it."""
    path = tmp_path / "token"
    path.write_text(f"  {VALUE}\n")
    path.chmod(0o444)

    assert secret(f"file:{path}") == VALUE


def test_a_file_that_is_absent_or_too_large_is_refused(tmp_path: Path) -> None:
    """64 KiB hold any secret."""
    (tmp_path / "large").write_text("x" * 65_537)
    (tmp_path / "fits").write_text("x" * 65_536)

    assert len(secret(f"file:{tmp_path / 'fits'}")) == 65_536
    with pytest.raises(InputError, match=r"large has 65537 bytes, wanted a secret of at most 65536"):
        secret(f"file:{tmp_path / 'large'}")
    with pytest.raises(InputError, match=r"absent cannot be read .*Next step: write the secret there"):
        secret(f"file:{tmp_path / 'absent'}")


@pytest.mark.parametrize("value", [VALUE, "with space", "project/x", "file", " "])
def test_anything_else_is_the_secret(value: str) -> None:
    """As it stands."""
    assert secret(value) == value


def test_no_secret_is_no_secret() -> None:
    """An empty variable is a mistake."""
    with pytest.raises(InputError, match=r"^a secret is empty, wanted its value, file:/path or projects/"):
        secret("")
