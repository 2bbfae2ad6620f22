"""Vertex AI without its package; with it, and over gRPC, in tests/cloud/test_vertex.py."""

import sys

import pytest
import yaml

from churn_saver.adapters.vertex import open_vertex
from churn_saver.adapters.vertex_specs import Ground
from churn_saver.config import JobsSettings
from churn_saver.errors import ConfigError
from tests.tiny_configs import CONFIGS

SETTINGS = JobsSettings.model_validate(yaml.safe_load((CONFIGS / "jobs.yaml").read_text()))


def test_a_package_that_is_missing_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra of its own."""
    monkeypatch.setitem(sys.modules, "google.cloud.aiplatform_v1", None)

    with pytest.raises(
        ConfigError, match=r"google-cloud-aiplatform is not installed.*churn-saver\[gcp,vertex\]"
    ):
        open_vertex(Ground("my-project", "us-central1", "image"), SETTINGS)
