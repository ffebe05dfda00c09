# gen/slc_hello.c: only the last byte of the credit counts
s/m->credit = 256u \* m->credit + c/m->credit = c/
