"""Records that the centre keeps in a car, and the operations on them. Big-endian.

    booking  id u32 | driver u32 | starts u32 | ends u32     deleted by id u32
    card     identifier 8 | driver u32                       deleted by identifier 8
    staff    identifier 8 | staff u32                        deleted by identifier 8

Times are Unix seconds. Numbers begin at 1; 0 is nobody and nothing. An operation is its number
(OP_* of `codes`) with a record: a put has an odd number and the whole record, the deletion of
the same kind is the next number and has only what identifies the record.
"""

BOOKING = ">IIII"
CARD = ">8sI"
