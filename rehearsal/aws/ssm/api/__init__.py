"""The actions of Systems Manager: commands, managed nodes, hybrid activations."""
