"""The embedded AWS's Backup."""
