"""What others make for the same questions on the same tables."""
