"""Tests of the pages behind the navigation."""
