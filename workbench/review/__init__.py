"""Ways to look at what an evaluation recorded. Pure functions: nothing here evaluates, prints or asks AWS."""
