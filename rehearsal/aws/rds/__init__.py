"""RDS: each database instance is a machine with MySQL (or MariaDB) that refuses what RDS refuses."""

from rehearsal.aws.rds.databases import Databases

__all__ = ["Databases"]
