"""From a slide to a clean English image prompt. Talks to the text model and to nothing else."""
