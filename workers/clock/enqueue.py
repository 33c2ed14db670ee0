"""The clock's side of the queue: a run is claimed and enqueued in one transaction."""
