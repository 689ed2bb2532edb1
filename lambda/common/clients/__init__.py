"""One module per service. They translate: calls to facts, and failures to the hierarchy of common.errors. They decide nothing."""
