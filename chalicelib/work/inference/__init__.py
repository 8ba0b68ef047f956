"""InferenceActivity: many items, one model, one result each."""
