"""EFS (the lead writes this folder)."""
