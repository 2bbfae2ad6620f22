"""Open the classifier of toxic texts that ships with the package."""

from pathlib import Path

from churn_saver.adapters.toxicity import read_toxicity
from churn_saver.errors import ArtifactError
from churn_saver.opening.places import defaults_folder
from churn_saver.opening.policies import Degradation
from churn_saver.shield import Judge

TOXICITY_UNAVAILABLE = "toxicity_unavailable"


def open_toxicity(folder: Path | None = None) -> tuple[Judge | None, tuple[Degradation, ...]]:
    """Load the classifier, its hash checked first.

    Args:
        folder: Where it lies; None: with what is shipped.

    Returns:
        The judge, or None with the reason why the shield judges by words alone.
    """
    try:
        return read_toxicity(folder or defaults_folder() / "toxicity").is_toxic, ()
    except ArtifactError as error:
        return None, (Degradation(TOXICITY_UNAVAILABLE, f"the shield judges by words alone: {error}"),)
