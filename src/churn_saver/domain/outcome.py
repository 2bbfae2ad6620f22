"""What became of a decision, as somebody else reports it. Knows nothing of money."""

from enum import IntEnum

from churn_saver.errors import InputError, quoted


class OutcomeKind(IntEnum):
    """What can become of a decision; the numbers stand in the books."""

    ACCEPTED = 1
    """The customer took the offer."""
    DECLINED = 2
    """The customer said no to the offer."""
    RETAINED = 3
    """The customer is still one at the end of the time that was looked at."""
    CHURNED = 4
    """The customer has left."""

    @property
    def word(self) -> str:
        """How requests and files name it."""
        return self.name.lower()

    @property
    def answers_an_offer(self) -> bool:
        """Say whether it can only follow a contact: nobody takes or declines what was never offered."""
        return self in (OutcomeKind.ACCEPTED, OutcomeKind.DECLINED)

    @classmethod
    def of(cls, word: str) -> "OutcomeKind":
        """Read a word, spelled as `word` gives it.

        Raises:
            InputError: another word.
        """
        for kind in cls:
            if kind.word == word:
                return kind
        wanted = ", ".join(kind.word for kind in cls)
        raise InputError(f"outcome is {quoted(word)}, wanted one of: {wanted}")
