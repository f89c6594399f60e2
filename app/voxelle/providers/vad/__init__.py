"""Voice activity, one file each."""
