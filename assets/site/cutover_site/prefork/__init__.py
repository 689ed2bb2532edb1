"""A prefork worker: a process that has loaded everything runs each command of `cutover-site` in a fork, so no command pays for its own start."""
