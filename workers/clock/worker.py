"""A worker dyno: takes runs from the queue and runs them. `python -m clock.worker`."""
