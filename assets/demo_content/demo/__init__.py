"""Demo content for a Gogs site."""
