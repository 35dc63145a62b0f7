"""Containers, decoding, levels and working copies."""
