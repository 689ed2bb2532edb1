from __future__ import annotations

from tests.gogs_standin.served.fixtures import archive, place

__all__ = ["archive", "place"]
