"""The application profile: what is Gogs's own about this site."""
