"""One module per family of verbs. A verb takes the machine and its options, does one idempotent thing, answers facts."""
