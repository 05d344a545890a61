"""A folder in which sheets land while nobody is watching: which of them are finished, and where each of them goes."""
