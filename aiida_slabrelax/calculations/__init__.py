"""The calculation functions, which create all data that is computed from other data."""
