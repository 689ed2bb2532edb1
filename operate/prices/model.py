"""A price, and the prices of one site. A price that is not known is never estimated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NOT_KNOWN = "not known"
HOURS_PER_MONTH = 730
HOURLY, MONTHLY = "Hrs", "GB-Mo"
UNITS = {HOURLY: "hour", MONTHLY: "GB and month"}


@dataclass(frozen=True, kw_only=True)
class Price:
    """A list price on demand. `unit`: as the price list names it, for example `Hrs`."""

    amount: float
    unit: str
    currency: str

    def compute_month(self, quantity: float) -> float | None:
        """Return the price of a month of this quantity: of so many, each all hours, or of so many GB. None for another unit."""
        if self.unit == HOURLY:
            return self.amount * HOURS_PER_MONTH * quantity
        return self.amount * quantity if self.unit == MONTHLY else None


@dataclass(frozen=True, kw_only=True)
class Prices:
    """`known` by key (queries.py). `problems`: one sentence for each reason why others are not known."""

    known: Mapping[str, Price] = field(default_factory=dict)
    problems: Sequence[str] = ()

    def describe(self, parts: Iterable[tuple[str, float | None]]) -> str:
        """Return the price of a resource as text. `parts`: keys with their quantity, None where the amount of data decides.

        Only a resource whose parts are all known has a price: a part of it would look like the whole.
        """
        texts, costs, currency = list[str](), list[float | None](), ""
        for key, quantity in parts:
            price = self.known.get(key)
            if price is None:
                return NOT_KNOWN
            currency = price.currency
            texts.append(f"{_format_amount(price.amount)} {currency} for each {UNITS.get(price.unit, price.unit)}")
            costs.append(None if quantity is None else price.compute_month(quantity))
        if not texts:
            return NOT_KNOWN
        month = [cost for cost in costs if cost is not None]
        total = f" (about {sum(month):,.2f} {currency} a month)" if len(month) == len(costs) else ""
        return f"{' and '.join(texts)}{total}"


def _format_amount(amount: float) -> str:
    """Return the amount without zeros at its end: prices have up to ten digits after the point."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")
