"""The files of the data root: on the source's disk, on the shared file system, and whether both are the same."""
