"""Registers the CRFs of this app: one import line each."""
