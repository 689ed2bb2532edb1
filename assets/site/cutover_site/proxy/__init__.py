"""The reverse proxy in front of the application: where the freeze happens."""
