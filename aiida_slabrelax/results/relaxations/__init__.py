"""What became of the relaxations of slabs, read from the provenance."""
