"""Parts of the load balancers."""
