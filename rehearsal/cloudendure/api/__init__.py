"""The console's HTTP surface, one module per subject; each has `register(app, console)`."""
