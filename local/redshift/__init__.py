"""Redshift, played by PostgreSQL: the Data API, COPY and UNLOAD with S3, and what its SQL says beyond PostgreSQL's."""
