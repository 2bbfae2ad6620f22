"""Answers that send a caller away and say when to come back. The one place that says how soon."""

from starlette.exceptions import HTTPException

HEADER = "Retry-After"
SOON_SECONDS = 1
"""By then a turn has become free, or the answer to another request is there."""
LATER_SECONDS = 2
"""By then what did not answer has been asked again; nothing behind the service is asked more often."""


def come_back(detail: str, seconds: int) -> HTTPException:
    """Give the answer 503.

    Args:
        detail: Why, and what may have been done.
        seconds: After which the caller may come back.
    """
    return HTTPException(503, detail, {HEADER: str(seconds)})
