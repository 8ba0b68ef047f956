"""Events from outside that start runs: what they are, who listens, what a run sees of them."""
