"""The reverse proxy in front of Gogs: where the freeze happens."""
