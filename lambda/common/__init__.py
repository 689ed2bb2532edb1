"""What the three functions share: errors, settings, the run record and the clients of the services they talk to."""
