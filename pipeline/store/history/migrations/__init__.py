"""How the tables of the history came to be, in steps that are never changed, only added to.

A new step: change `tables.py`, add its version to VERSIONS there, and write the step beside the others. A test compares
what the steps lead to with what the tables say.
"""
