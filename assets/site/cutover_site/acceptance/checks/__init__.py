"""Each module has one function `check(visit)`: returns when the site did it, raises CheckFailed when it did not."""
