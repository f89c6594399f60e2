"""Speaker recognition, one file each."""
