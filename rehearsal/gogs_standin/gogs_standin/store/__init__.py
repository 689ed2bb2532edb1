"""The database: connections, schema."""
