"""What batches cost and survive, measured."""
