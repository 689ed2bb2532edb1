"""Git over HTTP and SSH, and Git LFS."""
