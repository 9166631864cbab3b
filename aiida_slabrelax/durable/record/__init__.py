"""What a run has recorded, in its graph and beside it, and whether its function agrees."""
