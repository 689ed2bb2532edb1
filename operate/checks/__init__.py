"""What `cutover check` looks at: each module has one area. A check that could not be made is a finding of its own, never a success."""
