"""The sandbox's Backup."""
