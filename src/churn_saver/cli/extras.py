"""What to install for a command whose package is not there.

An image that serves has no package for tables, pictures or training. Commands that ask beforehand, because
much is done before their package is wanted, say so themselves.
"""

EXTRAS = {
    "jinja2": "tables",
    "matplotlib": "tables",
    "pandera": "tables",
    "polars": "tables",
    "sklearn": "tables",
}
"""Extra of pyproject.toml that brings a package, by the name that is imported."""


def advice(error: ModuleNotFoundError) -> str | None:
    """Say what to install; None: no extra brings what is missing, so the error is not of this kind."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return None
    return (
        f"{package} cannot be imported, wanted for this command. Next step: "
        f"pip install 'churn-saver[{EXTRAS[package]}]'; of the images, train has it"
    )
