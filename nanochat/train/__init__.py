"""Training: schedules, the depth dial, checkpoints, and one file a stage."""
