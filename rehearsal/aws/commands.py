"""Handle control commands of the rehearsal's own tools: POST /_rehearsal/commands/<command>, one JSON object in each direction.

The object's members are the command's arguments. The status is 200, or 409 with {"reason": …} when it cannot be done.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.control import Call, Handle, Response
from rehearsal.errors import RehearsalError

Command = Callable[..., Mapping[str, Any] | None]
_log = logging.getLogger("rehearsal.aws")


def handle_commands(commands: Mapping[str, Command]) -> Handle:
    """Return the handler of these commands. A command may block and may call the local AWS."""

    def handle(call: Call) -> Response:
        name = call.rest
        if call.method != "POST":
            return 405, {"reason": "an command is a POST"}
        if name not in commands:
            return 404, {"reason": f"unknown command {name}: one of {', '.join(sorted(commands))}"}
        try:
            return 200, commands[name](**json.loads(call.body or b"{}")) or {}
        except RehearsalError as error:
            return 409, {"reason": str(error)}
        except (TypeError, ValueError) as error:
            _log.exception("command %s", name)
            return 400, {"reason": f"{name}: {error}"}
        except OSError as error:
            _log.exception("command %s", name)
            return 409, {"reason": f"{name}: {error}"}

    return handle
