"""Media files and their sound.

Containers, decoding, levels and the working copy.
"""
