"""One module per service. Each translates responses to facts, and failures to the hierarchy of common.errors. None of them decides anything."""
