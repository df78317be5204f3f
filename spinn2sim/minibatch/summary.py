BatchSummary = summarise_batches = None
