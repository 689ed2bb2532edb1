"""Auto scaling groups (the lead writes this folder: the API, the CloudFormation types, the keeper of capacity)."""
