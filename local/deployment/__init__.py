"""What lets the deployment's own commands reach the embedded AWS where that takes less than AWS does."""
