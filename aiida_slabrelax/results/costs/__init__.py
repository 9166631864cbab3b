"""What calculations have cost, read from the provenance."""
