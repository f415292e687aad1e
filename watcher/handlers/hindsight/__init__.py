"""Hindsight: what was recorded, looked at again: judged anew, climbed anew, held against its chain of records."""
