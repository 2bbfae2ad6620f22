"""What is done to every text from outside, and what no text may hold.

Newlines become one kind and the space around a text goes; nothing else is changed.
"""

import re

_NEWLINE = re.compile(r"\r\n?")


def tidy(text: str) -> str:
    """Give the text with one kind of newline and without the space around it."""
    return _NEWLINE.sub("\n", text).strip() if "\r" in text else text.strip()


def flaw(text: str) -> str | None:
    """Say what the text should be and is not, or None.

    Half a surrogate pair cannot be written as UTF-8, and many a reader ends a text at NUL.
    """
    if "\0" in text:
        return "a text without NUL"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "a text without half a surrogate pair"
    return None
