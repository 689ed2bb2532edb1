"""AWS DMS: its API, its CloudFormation types, and an engine that really replicates."""
