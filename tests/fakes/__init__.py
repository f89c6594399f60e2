"""Engines, outputs and stores for tests. They subclass the contracts, so they cannot drift."""
