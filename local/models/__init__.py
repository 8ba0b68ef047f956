"""SageMaker endpoints of the embedded run: real models behind the container contract."""
