"""What an agency's publisher sends and is told. Nothing here waits."""
