# Nothing to do when a namespace is made: its own resource makes it. What counts is its end, namespace-remove.sh.
:
