"""The command line `cutover`: what an operator does by hand before, during and after a migration. docs/cutover.md describes the commands."""
