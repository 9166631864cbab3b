"""Tasks and futures, and the scheduler that runs them one at a time."""
