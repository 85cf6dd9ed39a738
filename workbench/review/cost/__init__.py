"""The cost of a plan a month: recorded resources, list prices and assumptions about use, line by line."""
