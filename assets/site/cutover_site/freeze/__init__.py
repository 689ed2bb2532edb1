"""The freeze: stop and resume writes on the source, the freeze lease, the dead man's switch, forwarding to the target."""
