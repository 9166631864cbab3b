"""What a workflow does whose worker is killed; the tests share the workers of a fork server."""
