"""What a leaf must be: ports that the trunk knows, with the longest comments of the project."""
