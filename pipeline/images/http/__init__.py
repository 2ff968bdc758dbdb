"""Services that are asked over plain HTTP, each as its file in the catalog says."""
