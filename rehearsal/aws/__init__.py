"""The local AWS: ministack, extended so that its API describes and changes real machines."""
