"""What is printed of slabs, terminations and surface energies."""
