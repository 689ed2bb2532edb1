"""EFS: a folder of the pool, reachable only through mount targets that security groups guard."""

from rehearsal.aws.efs.file_systems import FileSystems

__all__ = ["FileSystems"]
