"""What AiiDA's engine lacks. Nothing here is about slabs."""
