"""The daemon: keeps the fleet's bookings, keeps every car's copy in step, takes in what happened.

core/        decisions; take now and plain values, no I/O
store/       SQL, one file a subject; migrations/ are numbered
service.py   class Fleet: each public method is one transaction
turn.py      what a transaction carries: now, the database, the frames that leave after it
"""
