"""What the program does to a folder of real decks, measured by rendering them: `python -m tests.corpus DECKS`.

Knows the file format by itself and asks nothing of pipeline/deck/, which it judges, but how to start LibreOffice.
"""
