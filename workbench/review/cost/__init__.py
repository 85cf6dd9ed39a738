"""What a plan costs a month: recorded resources, list prices and assumptions about use, line by line."""
