"""Tests of speaker recognition."""
