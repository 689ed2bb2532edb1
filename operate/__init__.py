"""What an operator does by hand during a migration: look, try, and stop it. `python -m operate status | dry-run | rollback`."""
