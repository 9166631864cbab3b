"""What is written into files."""
