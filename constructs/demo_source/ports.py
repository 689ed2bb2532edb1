"""Ports of the source's machines besides the application's own, which its profile names."""

DELTA_SSH = 22
MYSQL = 3306
