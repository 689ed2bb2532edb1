"""The expiry function: it removes the replica of a suspended run when its time is over, whatever the operator does."""
