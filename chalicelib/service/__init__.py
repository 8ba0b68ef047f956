"""Use cases: load, decide, commit, then send. Deciding is the domain's; acting is the ports'."""
