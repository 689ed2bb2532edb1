"""The results of hooks on this machine. A repeated command returns the result of the first one, and runs nothing again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Journal:
    """One file for each hook of the current run."""

    def __init__(self, folder: Path, run: str, machine: str) -> None:
        self._folder, self._run, self._machine = folder, run, machine

    def find(self, point: str, name: str) -> dict[str, Any] | None:
        """Return the result that was written on this machine; a replica has the files of its source too."""
        try:
            entry = json.loads(self._get_path(point, name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        found: dict[str, Any] = entry["result"]
        return found if entry.get("machine") == self._machine else None

    def write(self, point: str, name: str, result: dict[str, Any]) -> None:
        """Write a result, and remove those of other runs."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.glob("*.json"):
            if not path.name.startswith(f"{self._run}."):
                path.unlink()
        path = self._get_path(point, name)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"machine": self._machine, "result": result}), encoding="utf-8")
        draft.replace(path)

    def _get_path(self, point: str, name: str) -> Path:
        return self._folder / f"{self._run}.{point}.{name}.json"
