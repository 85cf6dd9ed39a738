"""Knowledge of the providers: what replaces a resource, what changes in place, how long creation takes."""
