"""The inference step at the edge, as a component of AWS IoT Greengrass V2: its script, its recipe, its build.

The script asks a model that answers by SageMaker's container contract, as an endpoint in the cloud does, and publishes
results of the same shape; the rest of chalicelib is neither needed nor carried.
"""
