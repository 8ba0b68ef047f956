"""Amazon Cognito as far as signing in to Penstock needs it: real tokens, a sign-in page, and OAuth 2.0 for machines.

Users, groups and clients are moto's, so whatever boto3 makes of them holds here; moto's own tokens are not used.
"""
