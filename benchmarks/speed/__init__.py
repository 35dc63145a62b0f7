"""The speed of the engine and the program beside rivals."""
