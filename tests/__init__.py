"""A mirror of the package."""
