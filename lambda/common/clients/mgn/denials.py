"""Decode what EC2 reports about a denied action of a launch. MGN passes it on encoded: without the action, nobody can grant it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from common.clients.aws import translate_aws_errors
from common.errors import CutoverError

ENCODED = re.compile(r"[Ee]ncoded authorization failure message:?\s*(?P<message>[\w-]{20,})")
LONGEST = 120
"""characters of an encoded message that are shown: it has thousands, and the reason of a failed deploy has 900"""


def decode_denials(log: Iterable[str], sts: Callable[[], Any]) -> tuple[str, ...]:
    """Return the log with each encoded message replaced by the denied action and its resource. `sts` is called only for such a message."""
    return tuple(ENCODED.sub(lambda found: _decode(found["message"], sts), line) for line in log)


def _decode(message: str, sts: Callable[[], Any]) -> str:
    try:
        with translate_aws_errors("sts:DecodeAuthorizationMessage"):
            decoded = json.loads(sts().decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    except (CutoverError, ValueError) as failed:
        why = failed.reason if isinstance(failed, CutoverError) else str(failed)
        return f"the denied action cannot be decoded ({why}): {message[:LONGEST]}…"
    context = decoded.get("context") or {}
    kind = "an explicit deny" if decoded.get("explicitDeny") else "no policy that allows it"
    return f"denied {context.get('action')} on {context.get('resource')}: {kind}"
