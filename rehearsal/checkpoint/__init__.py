"""Save a world's state and restore it in seconds: machines, files, replication, console and records of the API.

checkpoint(settings, report)   save it; a world has one checkpoint, a new one replaces it
reset(settings, report)        restore it, whatever happened since
Both raise RehearsalError. `report` gets each part with the seconds it took.

Everything lies in <home>/pool/checkpoint, so that it shares its blocks with the world and ends with it. What is deployed
is not undone: between checkpoint and reset no stack may be deployed, changed or destroyed.
"""

from rehearsal.checkpoint.restore import reset
from rehearsal.checkpoint.save import save_checkpoint

__all__ = ["reset", "save_checkpoint"]
