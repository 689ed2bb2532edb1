"""Keep prices in a file for a day: they change a few times a year, and each costs a request."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operate.prices.model import Price
from operate.prices.queries import Query

VALID_SECONDS = 86_400.0
FILE = ".cache/prices.json"


class PriceCache:
    """The file. One that cannot be read or written is like an empty one. `endpoint` distinguishes price lists: of AWS, and of a local one."""

    def __init__(self, path: Path, endpoint: str) -> None:
        self._path, self._endpoint, self._changed = path, endpoint, False
        self._items: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            raw = json.loads(path.read_text(encoding="utf-8"))
            self._items = raw if isinstance(raw, dict) else {}

    def find(self, region: str, query: Query, now: float) -> Price | None:
        """Return the price if it is known and not too old."""
        with suppress(KeyError, TypeError, ValueError):
            item = self._items[self._build_key(region, query)]
            if 0 <= now - float(item["at"]) < VALID_SECONDS:
                return Price(amount=float(item["amount"]), unit=str(item["unit"]), currency=str(item["currency"]))
        return None

    def keep(self, region: str, query: Query, price: Price, now: float) -> None:
        """Remember a price that find() did not know."""
        if self.find(region, query, now) is None:
            self._items[self._build_key(region, query)] = {**asdict(price), "at": now}
            self._changed = True

    def save(self) -> None:
        """Write the file if something is new."""
        if self._changed:
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text(json.dumps(self._items, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def _build_key(self, region: str, query: Query) -> str:
        filters = ",".join(f"{name}={value}" for name, value in sorted(query.filters.items()))
        return f"{self._endpoint} {region} {query.service} {query.usage} {filters}"
