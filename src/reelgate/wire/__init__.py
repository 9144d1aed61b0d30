"""Vocabularies of the public protocols, both ways and pure: bytes and JSON on one side, our own nouns on the other.

A wire knows no HTTP library and no network. What several wires share lies in modules with an underscore; the wires
themselves do not know each other.
"""
