"""List prices of what a migration and its site use, from the AWS Price List API, with the operator's own credentials."""
