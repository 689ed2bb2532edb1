"""Store browsers' sessions in memory or as files of this machine. Machines do not share them."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from pathlib import Path
from typing import Any, Protocol

from ..config.config import Config, ConfigError

Data = dict[str, Any]
_ID = re.compile(r"[0-9a-f]{16}")


class Sessions(Protocol):
    """A store of sessions by id. `load` returns an empty session for an unknown or expired id."""

    def load(self, number: str) -> Data: ...
    def save(self, number: str, data: Data) -> None: ...
    def drop(self, number: str) -> None: ...


def generate_id() -> str:
    """Return a new random id of 16 hexadecimal digits."""
    return secrets.token_hex(8)


def is_id(text: str) -> bool:
    """Return whether a cookie has the form of an id. Only such text may become part of a path."""
    return _ID.fullmatch(text) is not None


def make_sessions(config: Config) -> Sessions:
    """Return the store that app.ini names. Raises ConfigError for an unknown provider."""
    if config.session_provider == "memory":
        return MemorySessions(config.session_seconds)
    if config.session_provider == "file":
        return FileSessions(config.session_path, config.session_seconds)
    raise ConfigError(f"[session] PROVIDER {config.session_provider!r} is not one of memory, file")


class MemorySessions:
    """Sessions that end with the process."""

    def __init__(self, seconds: int) -> None:
        self._seconds, self._lock = seconds, threading.Lock()
        self._data: dict[str, tuple[float, Data]] = {}

    def load(self, number: str) -> Data:
        with self._lock:
            used, data = self._data.get(number, (0.0, {}))
            return dict(data) if time.time() - used < self._seconds else {}

    def save(self, number: str, data: Data) -> None:
        with self._lock:
            limit = time.time() - self._seconds
            self._data = {key: value for key, value in self._data.items() if value[0] > limit}
            self._data[number] = (time.time(), dict(data))

    def drop(self, number: str) -> None:
        with self._lock:
            self._data.pop(number, None)


class FileSessions:
    """Sessions in files <folder>/<first>/<second>/<id>, which survive a restart."""

    def __init__(self, folder: Path, seconds: int) -> None:
        self._folder, self._seconds = folder, seconds

    def load(self, number: str) -> Data:
        file = self._locate_file(number)
        try:
            if time.time() - file.stat().st_mtime > self._seconds:
                return {}
            data: Data = json.loads(file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return data

    def save(self, number: str, data: Data) -> None:
        file = self._locate_file(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_name(f"{number}.{secrets.token_hex(4)}")
        half.touch(mode=0o600)
        half.write_text(json.dumps(data))
        half.rename(file)

    def drop(self, number: str) -> None:
        self._locate_file(number).unlink(missing_ok=True)

    def _locate_file(self, number: str) -> Path:
        return self._folder / number[0] / number[1] / number
