"""Records that the centre keeps in a car, and the operations on them. Big-endian.

    1 booking  id u32 | driver u32 | starts u32 | ends u32     deleted (2) by id u32
    3 card     identifier 8 | driver u32                       deleted (4) by identifier 8
    5 staff    identifier 8 | staff u32                        deleted (6) by identifier 8
    7 terms    34 bytes, see below                             deleted (8) by nothing: 0 bytes
    9 key      number u8 | nonce 8 | wrapped 32 | check 8      deleted (10) by nothing: 0 bytes

Times are Unix seconds. Numbers begin at 1; 0 is nobody and nothing. An operation is its number
(OP_* of `codes`) with a record: a put has an odd number and the whole record, the deletion of
the same kind is the next number and has only what identifies the record. Of terms and key a car
has one or none.

Terms, rule 10: the operator's profile and what this car has. Without the record the car goes by
what it was provisioned with.

    at  0  format u8 = 1
        1  lamp at start, talking, end, reopen, a u8 each (LAMP_* of `codes`)
        5  eleven spans u16, in seconds: start_early, reader_window, ask, relock, key, key_return,
           reopen_window, warn_before, warn_every, refused_end, enrol
       27  flags u16: 1 gear_checked | 2 reunlock | 4 enrolment | 8 licence_cards | 16 voice (0:
           buzzer) | 32 reader | 64 smart_key; the others 0
       29  cannot_tell u8: 0 ask_again, 1 staff_review, 2 refuse
       30  no_sensor u16, a bit for each input (IN_* of `codes`) that is not wired; the gear's: no
           gear_sensor; the knob's: the key box is a connector
       32  no_door u16, a bit for each door that the car does not have

Ranges and sense are those of a profile (docs/profiles.md). A higher format is NACK_UNSUPPORTED,
anything else that is wrong NACK_SENSELESS; the old terms stay.

Key: with the car's first key K0 (the one that it was provisioned with, which never changes) and
the new one K1, both 32 bytes,

    wrapped = K1 xor HMAC-SHA256(K0, "kb/1 wrap" | car 6 | number u8 | nonce 8)
    check   = HMAC-SHA256(K1, "kb/1 key" | number u8)[:8]

`number` counts a car's keys from 1, `nonce` is drawn anew for each. A check that does not fit is
NACK_SENSELESS.
"""

BOOKING = ">IIII"
CARD = ">8sI"
TERMS = ">B4B11HHBHH"
TERMS_BYTES = 34
TERMS_FORMAT = 1
KEY = ">B8s32s8s"
KEY_BYTES = 49
