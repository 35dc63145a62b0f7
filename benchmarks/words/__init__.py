"""The accuracy of words and of their probabilities."""
