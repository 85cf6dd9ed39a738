"""The release agent of a host: fetches a release by its id, switches services to it wave by wave, and takes it back."""
