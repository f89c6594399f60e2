"""Ends of turns, one file each."""
