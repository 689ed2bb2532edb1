"""What the clients of a dry run return in place of a result, and where they log what they would change."""

from __future__ import annotations

from collections.abc import Callable

LogChange = Callable[[str], None]
DRY = "dry-run"
"""id of everything that was not made"""
DRY_RESULT = {"ok": True, "dry_run": True}
CHECKS = [{"name": "dry run: not run", "outcome": "pass", "seconds": 0}]
