"""API Gateway before the application, on loopback: HTTP in, the Chalice app's answer out.

Imitated: route matching, authorization, the API key, the 10 MB limit and the answers for unknown routes. Knows no
operation of the service.
"""
