"""Functions that run on another computer: their source and their results."""
