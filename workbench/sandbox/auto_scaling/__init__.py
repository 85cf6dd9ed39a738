"""EC2 Auto Scaling in the sandbox."""
