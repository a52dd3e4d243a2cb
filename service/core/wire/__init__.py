"""The wire: one strict reading of every byte of a request, and an end for every connection (R81, R82).

`head` and `chunks` are the grammar, on bytes alone. `connection` puts them in the place of Sanic's own reading.
`deadlines` says when a connection is over, `crowd` how many there may be, and whose.
"""
