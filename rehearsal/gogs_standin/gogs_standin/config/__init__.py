"""app.ini, read as Gogs 0.14 reads it."""
