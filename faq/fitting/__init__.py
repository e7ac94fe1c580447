"""Fits what retrieval is trusted by: the weights of its signals, the probability of its first match, the thresholds.

observe: what an index sees of questions with known answers. weights: the order. probability: how sure. certify: the
promise and its proof. thresholds: the rule. general: what ships for any corpus. own: what one
corpus' own trials say of it.
"""
