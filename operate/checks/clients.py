"""What the checks need of the operator's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from common.site_parameters import Replication


class CheckClients(Protocol):
    """The part of operate.site.Site that the checks need."""

    @property
    def name(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def replication(self) -> Replication: ...

    def read_caller(self) -> str: ...

    def get_client(self, service: str) -> Any: ...

    def list_resources_of(self, stack: str) -> Sequence[Mapping[str, Any]]: ...
