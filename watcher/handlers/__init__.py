"""What the watcher does, one verb a file: plain functions over the ports, each inside one transaction.

The way of a change, room by room: `hearing` (what was heard becomes facts, and is judged, by what `judging` knows),
`ticketing` (whose work it is, and how it goes on, whoever moves it), `telling` (who is told what, into the outbox),
`sending` (it is told). Beside that way: `planning` (what is not registered yet), `scoring` (what a quarter came to),
`rounds` (what recurs until somebody does something), and `hindsight` (what was recorded, looked at again).
"""
