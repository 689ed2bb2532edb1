"""Replicate MySQL or MariaDB into MySQL or MariaDB: one process for each task (`python -m rehearsal.dms.engine`)."""
