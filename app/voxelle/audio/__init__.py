"""Sound: a process of its own that plays what it is given and owns the clock of what was heard; a file; silence."""
