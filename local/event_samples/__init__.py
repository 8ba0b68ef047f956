"""The samples that events start: each puts real events in, waits for the results and says what became of them."""
