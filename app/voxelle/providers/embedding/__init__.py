"""Embeddings, one file each."""
