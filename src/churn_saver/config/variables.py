"""The environment variables that are read; .env.example documents each."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from churn_saver.config.reading import Settings, validated


class Environment(Settings):
    """Environment variables that are read; documented in .env.example."""

    DATABASE_URL: str | None = None
    HOST: str = "127.0.0.1"
    PORT: Annotated[int, Field(ge=0, le=65_535)] = 8080
    AUTH_MODE: Literal["keys", "iam", "local"] | None = None
    API_KEYS: str | None = None
    WORKERS: Annotated[int, Field(ge=1, le=64)] = 1
    MAX_IN_FLIGHT: Annotated[int, Field(ge=1, le=32)] = 8
    MAX_WAITING: Annotated[int, Field(ge=0, le=10_000)] = 64
    MAX_WAIT_MS: Annotated[int, Field(ge=0, le=60_000)] = 500
    K_SERVICE: str | None = None
    SERVICE_NAME: str = "churn-retain-api"
    GCP_PROJECT_ID: str | None = None
    FORCE_BASELINE: bool = False
    MODEL_DIR: str | None = None
    POLICY_DIR: str | None = None
    UPLIFT_DIR: str | None = None
    BANK_DIR: str | None = None
    LIVE_DIR: str | None = None
    CONFIG_DIR: str | None = None
    GCS_DATA_BUCKET: str | None = None
    GCS_MODEL_BUCKET: str | None = None
    MODEL_RELEASE: str = "current"
    MODEL_CACHE_DIR: str | None = None
    SECRET_RLHF_TOKEN: str | None = None


def environment(variables: Mapping[str, str]) -> Environment:
    """Read the documented variables and ignore all others; an empty one counts as not set.

    Raises:
        ConfigError: a variable has a value that it cannot have; names all of them.
    """
    names = Environment.model_fields
    return validated(
        Environment, {k: v for k, v in variables.items() if k in names and v != ""}, "environment"
    )
