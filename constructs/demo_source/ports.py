"""Name the ports of the source's servers that are not the application's. The profile names the application's."""

DELTA_SSH = 22
MYSQL = 3306
