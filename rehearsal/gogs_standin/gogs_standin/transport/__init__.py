"""Serve git over HTTP and SSH, and Git LFS."""
