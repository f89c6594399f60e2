"""Voxelle: the AI co-host on a streamer's own computer."""

__version__ = "0.1.0"
