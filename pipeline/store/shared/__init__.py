"""What several machines share that have nothing in common but a Redis server and a bucket. Needs the extra `fleet`."""
