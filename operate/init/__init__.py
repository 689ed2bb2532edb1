"""`cutover init`: look around in the account, ask, and write migration.toml for servers that exist."""
