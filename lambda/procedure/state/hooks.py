"""The hooks of the site's owner, as far as this execution has run them."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class HookState(Part):
    began: dict[str, float] = field(default_factory=dict)
    """by name: when its command was sent (epoch seconds)"""
