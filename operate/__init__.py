"""What an operator does by hand during a migration: look, and stop it. `python -m operate status | rollback`."""
