# runtime/eif/emit.c: control characters are printed raw
s/byte < 0x20/byte < 0x01/
