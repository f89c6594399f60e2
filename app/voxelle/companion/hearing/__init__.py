"""Hearing: from a microphone's frames to something that was said to her."""
