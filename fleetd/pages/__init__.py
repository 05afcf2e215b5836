"""The phone site: pages for drivers, on the same port as the API, whose calls they make.

phone_site.py    the addresses, and how a request becomes a page
visit.py         one request: who it is, in which language, what was typed; `ask` makes a call
forms.py         what a form sends: bounded, checked, from this site only
rendering.py     templates, the headers that keep others out, static files
telling.py times.py   bookings, answers of cars and times in words
account_pages.py booking_pages.py day_pages.py use_pages.py   the pages themselves
templates/live/  the parts that follow the car while a page is open

A page works without script: forms, redirects, and a refresh of the page that waits for a car. With
script (static/phone.js) the live part is asked for again and put in its place.
"""
