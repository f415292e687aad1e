"""What the watcher does, one verb a file: plain functions over the ports, each inside one transaction.

The way of a change, file by file: `observe` (what was heard becomes facts), `judge` with `consequences` (who breaks),
`tickets` with `life` and `holdings` (whose work it is), `post` with `messages` and `notices` (who is told what),
`dispatch` with `lanes` (it is told). What people do comes by `act` and `inbound`, what the clock owes by `escalate` and
`chores`, what is planned by `announce`; `replay`, `simulate`, `scores`, `audit` and `hygiene` look back on all of it.
"""
