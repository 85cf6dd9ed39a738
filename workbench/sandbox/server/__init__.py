"""What moto lacks or forgets, answered in the server, where an operator's ``aws`` command sees it too.

Everything that leans on moto's own inner modules is in this package. Only the server process imports it.
"""
