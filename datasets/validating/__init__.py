"""Files of an agency that are looked at as a release would look at them, and nothing more."""
