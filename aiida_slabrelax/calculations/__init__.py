"""The calculation functions: they create all data that is computed from other data."""
