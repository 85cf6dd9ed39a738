"""The server: moto, and answers for what moto lacks or forgets, which an operator's ``aws`` command sees too.

Everything that leans on moto's own inner modules is in this package. Only the server process imports it.
"""
