"""Ask the hub once whether it has a model: its own client asks for each file, and many times over.

Knows nothing of what a model is.
"""

from churn_saver.errors import ConfigError, shown

SECONDS = 5
"""In which the hub answers, or counts as out of reach."""


def not_heard_of(name: str) -> Exception | None:
    """Say why the hub does not give a model; None: it does.

    Raises:
        ConfigError: no id that a hub could have.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise ConfigError(
            f"base_model {shown(name)} is no id of the hub, wanted OWNER/NAME of letters, digits, "
            "'-', '_' and '.': smollm2-135m, tiny, a folder, or an id such as facebook/opt-350m"
        ) from error
    try:
        HfApi().model_info(name, timeout=SECONDS)
    except Exception as error:  # its client's, whatever that is: the cache is asked next
        return error
    return None
