"""Files that editors import: kept while they are looked at, checked and taken in by a job, then removed."""
