"""The record of a run, in its graph and beside it, and its comparison with the function."""
