"""The ports over boto3. Clients are handed in; only clients.py makes them."""
