"""Backups of a data folder: taken beside a gateway that runs, and restored into a folder of their own.

A backup is a folder that needs no program of ours to be read:

    manifest.json     what it is: when it was taken, of which schema, how much is in it, the sums of the database
    SHA256SUMS        every other file with its sum, in the form that `sha256sum --check` reads
    store.sqlite, …   the database, as it was at one moment
    blobs/            the videos, pictures and uploads that the database knows
    pepper, key, …    the secrets of the folder, readable by this user only
"""
