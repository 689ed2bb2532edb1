"""The report function: SNS -> check that the report is expected -> image -> SQS."""
