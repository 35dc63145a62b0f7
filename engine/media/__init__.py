"""Containers, decoding, levels and the working copy."""
