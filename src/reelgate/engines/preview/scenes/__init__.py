"""Scenes of the preview engine: one file each, found by its `SCENE`."""
