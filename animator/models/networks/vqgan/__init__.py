"""Taming's VQGANs: reading their files (`checkpoint`), the network (`network`), the way through it (`frozen`)."""
