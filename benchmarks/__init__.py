"""How fast it is, measured beside what a good programmer would write by hand for one query at a time."""
