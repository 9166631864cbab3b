"""The calculation functions, which create the data nodes that results are computed from."""
