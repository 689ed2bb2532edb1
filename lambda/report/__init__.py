"""SNS -> is it the report we wait for? -> image -> SQS."""
