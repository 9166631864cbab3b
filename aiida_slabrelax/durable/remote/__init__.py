"""Functions that run on another computer: what is sent there, and what comes back."""
