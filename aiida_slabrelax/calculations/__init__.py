"""The calculation functions: what is computed from data is made by one of them."""
