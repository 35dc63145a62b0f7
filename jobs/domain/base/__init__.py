"""The base of the domain.

Stored audio, engines and the words for errors.
"""
