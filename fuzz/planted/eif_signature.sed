# runtime/eif/signature.c: bytes may be left over
s/ || reader.next != reader.end)/)/
