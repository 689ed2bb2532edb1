"""Resource types that ministack lacks, or makes as records only."""
