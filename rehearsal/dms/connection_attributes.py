"""The extra connection attributes of an endpoint: `name=value;name=value`. The rehearsal knows the first statement of a session alone."""

from __future__ import annotations

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms.models import Endpoint

_INIT_STATEMENT = "initstmt"


def find_init_statement(endpoint: Endpoint) -> dict[str, str]:
    """Return the statement that each session executes first, as the engine takes it. Raises NotEmulated for any other attribute."""
    found: dict[str, str] = {}
    for attribute in str(endpoint.values.get("ExtraConnectionAttributes") or "").split(";"):
        name, _, value = attribute.strip().partition("=")
        if name.lower() == _INIT_STATEMENT:
            found = {"init_statement": value}
        elif name:
            raise NotEmulated(f"the attribute {name} of ExtraConnectionAttributes")
    return found
