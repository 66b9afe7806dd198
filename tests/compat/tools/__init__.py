"""One tool each, asked as its own documentation tells its users to."""
