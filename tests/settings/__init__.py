"""Tests of what the streamer sets."""
