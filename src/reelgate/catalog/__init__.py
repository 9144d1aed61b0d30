"""LEAF  ENDPOINTS: model families, with the schema and the price of each endpoint.

A family is a module that exports `ENDPOINTS: tuple[Endpoint, ...]`. Its input models list their fields in the order in
which a form shows them; the fields that many share are words in `_fields.py`, which know both the schema and what the
field means in a `VideoInput`. A field without such a meaning is an extra: kept under the wire's name, lost by nobody.
"""
