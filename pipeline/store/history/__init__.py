"""What was run, decided, called and paid: a database of runs, their slides and every call to a service."""

from pipeline.store.history.book import History, open_history
from pipeline.store.history.questions import Bound, RunFilter, Scope, Spent

__all__ = ["Bound", "History", "RunFilter", "Scope", "Spent", "open_history"]
