"""The operating system below: programs, files, units, mounts, processes."""
