"""From a prompt to a checked picture. Talks to the image services and to nothing else."""
