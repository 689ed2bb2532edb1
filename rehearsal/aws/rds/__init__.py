"""RDS (the lead writes this folder)."""
