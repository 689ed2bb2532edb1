"""Read and write bare repositories through the git command."""
