"""Training on the host: any firmware that can learn there, with checkpoints, seeds and figures."""
