"""Code that the functions share: errors, settings, the run record, and the clients of services."""
