"""Dialogs: opened, never executed; each answers through a signal."""
