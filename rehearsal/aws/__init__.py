"""The local AWS: ministack, extended so that what its API says is true of real machines."""
