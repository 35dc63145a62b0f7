"""A third kind of work: all that it needs is a model, a policy and a function."""
