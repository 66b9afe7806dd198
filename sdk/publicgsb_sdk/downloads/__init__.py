"""Files of a release on disk: whole to the byte, or not there."""
