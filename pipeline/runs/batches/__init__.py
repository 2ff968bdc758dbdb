"""The half-price lane of a run: prompts and pictures handed in as batches, remembered, and collected later."""
