"""The daemon's JSON over HTTP: what a phone page, or another program, asks for a driver.

calls.py         a call: method, path, what it needs, what it answers; handlers get an `Asked`
account_calls.py booking_calls.py command_calls.py   the calls themselves
fields.py        bodies and queries: what is read, checked, bounded
answers.py       answers and refusals with their HTTP status
attempts.py      how often a log-in may be tried
application.py   the calls as an ASGI application
openapi.py       the calls and schemas.py as /openapi.json
"""
