"""Mini-batches over groups of PEs: a sample for each group, then one step for all."""

from spinn2sim.minibatch.run import BatchRun, simulate_batches
from spinn2sim.minibatch.summary import BatchSummary, summarise_batches

__all__ = ["BatchRun", "BatchSummary", "simulate_batches", "summarise_batches"]
