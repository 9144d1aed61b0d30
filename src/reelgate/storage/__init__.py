"""Where jobs and money live: one leaf a store. Leaves are found by `reelgate.discovery`, nobody imports one by name.

Modules with a leading underscore are no leaves; they hold what the stores share.
"""
