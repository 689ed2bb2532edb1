"""Handle the events of launched machines: their boot, and the results of their post-launch scripts."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import Literal

from rehearsal.cloudendure.demo import hash_secret
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.requests import read_fields
from rehearsal.cloudendure.responses import Json, format_date, now
from rehearsal.cloudendure.store import Store

EVENTS = ("booted", "script", "done")


class Launches:
    """Thread-safe. Records live in `launches`, by the job's id and the machine's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()

    def expect(self, job: str, machine: str, *, run_scripts: bool) -> tuple[str, str]:
        """Register a launch. Return (launch id, token for the machine)."""
        id_, token = f"{job}/{machine}", secrets.token_urlsafe(32)
        with self._store.edit() as state:
            state["launches"][id_] = {
                "job": job,
                "machine": machine,
                "token": hash_secret(token),
                "instance": "",
                "runScripts": run_scripts,
                "booted": None,
                "done": None,
                "scripts": [],
            }
        return id_, token

    def record_start(self, id_: str, instance: str) -> None:
        """Record the instance of a launch."""
        with self._store.edit() as state:
            state["launches"][id_]["instance"] = instance

    def release(self, id_: str) -> None:
        """Allow the machine to run its scripts at its next boot."""
        with self._store.edit() as state:
            state["launches"][id_]["runScripts"] = True

    def wait(self, id_: str, event: Literal["booted", "done"], timeout: float) -> bool:
        """Wait until the machine reports this event. Return whether it did."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_reported(id_, event), timeout)

    def record_event(self, token: str, body: object) -> Json:
        """Record an event of a launched machine. Raises ApiError 401 for an unknown token, 422 for an unknown event."""
        event = read_fields(body, required={"event": str}, optional={"name": str, "exitCode": int, "seconds": float})
        if event["event"] not in EVENTS:
            raise ApiError(422, f"event: must be one of {', '.join(EVENTS)}")
        with self._changed:
            with self._store.edit() as state:
                launch = self._find_launch(state, token)
                if event["event"] == "script":
                    launch["scripts"].append({**event, "endDateTime": format_date(now())})
                else:
                    launch[event["event"]] = format_date(now())
                response = {"run": launch["runScripts"]}
            self._changed.notify_all()
        return response

    def list(self) -> list[Json]:
        """Return all launches."""
        with self._store.read() as state:
            return [{**{k: v for k, v in launch.items() if k != "token"}} for launch in state["launches"].values()]

    def _is_reported(self, id_: str, event: str) -> bool:
        with self._store.read() as state:
            return bool(state["launches"][id_][event])

    @staticmethod
    def _find_launch(state: Json, token: str) -> Json:
        for launch in state["launches"].values():
            if hmac.compare_digest(launch["token"], hash_secret(token)):
                found: Json = launch
                return found
        raise ApiError(401, "The console did not launch this machine")
