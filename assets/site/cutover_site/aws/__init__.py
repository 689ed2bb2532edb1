"""AWS as a machine sees it: instance metadata, parameters, secrets, the run record."""
