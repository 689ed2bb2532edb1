"""The CloudEndure console as a simulator: it speaks the published protocol and really replicates blocks."""
