"""AWS as a machine uses it: instance metadata, parameters, secrets, the run record."""
