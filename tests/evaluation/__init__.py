"""`make eval`: how good the answers are, on the question sets beside the checkout and the sample town's trials.

sets: what is asked. measures: what is found out. goals: what must hold. plots, report: how it is told.
fits: the fit of what ships (`python -m tests.evaluation fit`).
"""
