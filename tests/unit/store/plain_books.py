"""A model of the ledger, simple enough to be believed."""

from datetime import date

from churn_saver.store import Totals
from tests.builders import NOON


class PlainBooks:
    """The ledger as one would write it for one thread, without a database."""

    def __init__(self, limit: int) -> None:
        """Begin with nothing promised."""
        self.limit, self.today = limit, NOON.date()
        self.parts: dict[str, dict[str, tuple[int, str]]] = {}
        self.last_day: dict[str, date] = {}

    def sum_of(self, state: str) -> int:
        """Add up the parts in a state."""
        return sum(amount for both in self.parts.values() for amount, now in both.values() if now == state)

    def totals(self) -> Totals:
        """Say where the money is."""
        held, spent = self.sum_of("held"), self.sum_of("spent")
        return Totals(self.limit, self.limit - held - spent, held, spent)

    def settle(self, name: str, contact: int, offer: int, last_day: date) -> bool:
        """Promise, when it fits."""
        if contact + offer > self.totals().free_minor:
            return False
        self.parts[name] = {"contact": (contact, "held"), "offer": (offer, "held")}
        self.last_day[name] = last_day
        return True

    def post(self, name: str, part: str) -> bool | None:
        """Spend a part; None: it was released."""
        amount, state = self.parts[name][part]
        if state == "void":
            return None
        self.parts[name][part] = (amount, "spent")
        return state == "held"

    def void(self, name: str) -> bool:
        """Release what is held."""
        held = {part: amount for part, (amount, state) in self.parts[name].items() if state == "held"}
        self.parts[name] |= {part: (amount, "void") for part, amount in held.items()}
        return bool(held)

    def wait(self, today: date) -> None:
        """Release what was promised until a day before today."""
        for name in [name for name, last in self.last_day.items() if last < today]:
            self.void(name)
