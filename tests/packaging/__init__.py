"""Tests of what sets Voxelle up, checks it and freezes it."""
