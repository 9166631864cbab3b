"""The calculation functions: the only code of the package that creates data nodes."""
