"""The ports over boto3. Clients are handed in; nothing here makes one."""
