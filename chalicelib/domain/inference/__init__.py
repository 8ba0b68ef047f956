"""What a fan-out to models means: results, matches, how the work is shared out. Pure."""
