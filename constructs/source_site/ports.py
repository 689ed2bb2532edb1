"""Ports of the source's machines. The target answers on the same ones, so no address that a user keeps changes."""

HTTP = 80
GIT_SSH = 2222
DELTA_SSH = 22
MYSQL = 3306
