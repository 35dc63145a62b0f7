"""The rules of recordings and jobs; knows no HTTP."""
