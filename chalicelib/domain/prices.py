"""What AWS asks for: US East (N. Virginia), US dollars, on demand, x86, first tier. For estimates, never for bills.

Source: the price pages of Lambda, DynamoDB, SQS and API Gateway, 2026
"""

GB_SECOND = 0.0000166667
LAMBDA_REQUEST = 0.20e-6
WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
SQS_REQUEST = 0.40e-6
API_REQUEST = 3.50e-6


def function_price(seconds: float, memory_mb: int) -> float:
    """One invocation of a function: the request, and its time by its memory."""
    return LAMBDA_REQUEST + seconds * memory_mb / 1024 * GB_SECOND
