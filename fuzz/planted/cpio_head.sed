# gen/cpio_head.c: a digit counts one more
0,/16u \* m->value + CPIO_HEAD_DIGIT(c);/s//16u * m->value + CPIO_HEAD_DIGIT(c) + 1u;/
