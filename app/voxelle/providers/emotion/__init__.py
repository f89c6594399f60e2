"""Emotion classifiers, one file each."""
