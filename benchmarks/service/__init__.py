"""The cost of the program around the engine."""
