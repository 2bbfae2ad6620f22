"""Read ops/configs into the classes of `config`."""

from pathlib import Path
from typing import TypeVar

from churn_saver.config import (
    DataSettings,
    Environment,
    EnvSettings,
    JobsSettings,
    PpoSettings,
    PpoTextSettings,
    RmSettings,
    ServeSettings,
    Settings,
    SftSettings,
    SourcesSettings,
    TabularSettings,
    WatchSettings,
    parse,
)
from churn_saver.errors import ConfigError
from churn_saver.opening.places import config_folder

AnySettings = TypeVar("AnySettings", bound=Settings)


def read_settings(environment: Environment) -> tuple[EnvSettings, ServeSettings, TabularSettings]:
    """Read env.yaml, serve.yaml and tabular.yaml.

    Raises:
        ConfigError: a file is missing or not text, or a setting cannot be used; names all of a file's.
    """
    folder = config_folder(environment)
    return (
        _read(EnvSettings, folder / "env.yaml"),
        _read(ServeSettings, folder / "serve.yaml"),
        _read(TabularSettings, folder / "tabular.yaml"),
    )


def read_data_settings(environment: Environment) -> tuple[DataSettings, SourcesSettings]:
    """Read data.yaml and sources.yaml.

    Raises:
        ConfigError: a file is missing or not text, or a setting cannot be used; names all of a file's.
    """
    folder = config_folder(environment)
    return _read(DataSettings, folder / "data.yaml"), _read(SourcesSettings, folder / "sources.yaml")


def read_policy_settings(environment: Environment) -> tuple[EnvSettings, PpoSettings]:
    """Read env.yaml and ppo.yaml.

    Raises:
        ConfigError: a file is missing or not text, or a setting cannot be used; names all of a file's.
    """
    folder = config_folder(environment)
    return _read(EnvSettings, folder / "env.yaml"), _read(PpoSettings, folder / "ppo.yaml")


def read_text_settings(environment: Environment) -> tuple[SftSettings, RmSettings, PpoTextSettings]:
    """Read sft.yaml, rm.yaml and ppo_text.yaml.

    Raises:
        ConfigError: a file is missing or not text, or a setting cannot be used; names all of a file's.
    """
    folder = config_folder(environment)
    return (
        _read(SftSettings, folder / "sft.yaml"),
        _read(RmSettings, folder / "rm.yaml"),
        _read(PpoTextSettings, folder / "ppo_text.yaml"),
    )


def read_jobs_settings(environment: Environment) -> JobsSettings:
    """Read jobs.yaml.

    Raises:
        ConfigError: the file is missing or not text, or a setting cannot be used; names all of them.
    """
    return _read(JobsSettings, config_folder(environment) / "jobs.yaml")


def read_watch_settings(environment: Environment) -> WatchSettings:
    """Read watch.yaml.

    Raises:
        ConfigError: the file is missing or not text, or a setting cannot be used; names all of them.
    """
    return _read(WatchSettings, config_folder(environment) / "watch.yaml")


def _read(kind: type[AnySettings], path: Path) -> AnySettings:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"settings {path} cannot be read: {error}. Set CONFIG_DIR to the folder that holds "
            f"{path.name} and its like, or leave it out."
        ) from error
    return parse(kind, text, str(path))
