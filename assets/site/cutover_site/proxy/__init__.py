"""The reverse proxy (HAProxy) in front of the application: it refuses writes during the freeze, and forwards afterwards."""
