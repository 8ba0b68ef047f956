"""Work on SQL databases other than Redshift."""
