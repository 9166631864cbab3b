"""What AiiDA's engine lacks. Nothing here knows of slabs."""
