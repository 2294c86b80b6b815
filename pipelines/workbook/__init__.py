"""Workbooks are read in a process of their own (`__main__`), which imports little and may be ended at any time."""
