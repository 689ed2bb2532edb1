"""A Gogs that somebody else installed: where everything of it is, and what of it would stop a migration. Changes nothing."""
