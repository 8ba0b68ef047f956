"""Work on Redshift, through statements that somebody else finishes."""
