"""One module per custom resource."""
