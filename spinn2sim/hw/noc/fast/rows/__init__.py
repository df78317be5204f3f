"""Where the rows of the pool are."""
