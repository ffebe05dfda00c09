# gen/cbor_head.c: the largest inline argument is taken with a byte of its own
s/ > m->shorter/ >= m->shorter/
