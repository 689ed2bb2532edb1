"""One product of a price list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.settings import REGION

HOURS, GIGABYTES = "Hrs", "GB-Mo"


@dataclass(frozen=True)
class Product:
    """One product. `attributes` beside those that every product has."""

    service: str
    family: str
    usage: str
    price: str
    """USD for each `unit`"""
    unit: str = HOURS
    attributes: Mapping[str, str] = field(default_factory=dict)

    def get_value(self, name: str) -> str | None:
        """Return what a filter of GetProducts compares. None: the product has no such attribute."""
        if name == "productFamily":
            return self.family
        return self.list_attributes().get(name)

    def list_attributes(self) -> dict[str, str]:
        """Return the attributes of the product."""
        return {"servicecode": self.service, "regionCode": REGION, "usagetype": self.usage, **self.attributes}
