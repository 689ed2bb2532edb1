"""The operating system: programs, files, systemd units, processes."""
