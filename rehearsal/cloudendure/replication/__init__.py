"""The console's source machines in the replication engine: status, published steps, what the API shows."""
