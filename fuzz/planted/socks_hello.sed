# gen/socks_hello.c: the last byte of a part is not the last one
s/m->left > 1u/m->left > 0u/
