"""What a command that runs on a schedule leaves in the log, for those who were not there to read the screen.

On a terminal there is nobody else to tell, so nothing is logged. Elsewhere it is JSON, a line for each thing
that happened, as the service writes them: metrics and alerts of the cloud are made of these.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from churn_saver.config import environment
from churn_saver.serve.telemetry import OURS, logging_as_json

Value = str | int | float | bool


@contextmanager
def logged() -> Iterator[None]:
    """Log JSON lines to standard error while a command runs, unless somebody reads along."""
    if not sys.stderr.isatty():
        variables = environment(os.environ)
        with logging_as_json(variables.GCP_PROJECT_ID, variables.SERVICE_NAME):
            yield
        return
    silent = logging.NullHandler()
    logging.getLogger(OURS).addHandler(silent)
    try:
        yield
    finally:
        logging.getLogger(OURS).removeHandler(silent)


def line(log: logging.Logger, what: str, fields: Mapping[str, Value], level: int = logging.INFO) -> None:
    """Write a line.

    Args:
        log: Of the command.
        what: Happened, in a word or two: the line's message.
        fields: Plain values, nothing personal.
        level: How bad it is.
    """
    log.log(level, what, extra={"fields": dict(fields)})
