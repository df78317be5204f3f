"""Where the rows of the pool begin."""
