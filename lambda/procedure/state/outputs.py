"""The outputs of a run, for the stack that started it."""

from __future__ import annotations

from dataclasses import dataclass

from procedure.state.part import Part


@dataclass
class Outputs(Part):
    """Read by the custom resource, from the evidence or from the execution's output: names are stored ones. Times are ISO 8601."""

    image_id: str = ""
    instance_id: str = ""
    activated: str = ""
    committed: str = ""
    frozen: str = ""
    window_seconds: float | None = None
    site_url: str = ""
