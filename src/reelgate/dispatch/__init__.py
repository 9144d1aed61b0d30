"""What happens to a job after it was accepted."""
