# runtime/crypto/cbor.c: the limit on strings is forgotten
s/if (item->argument > reader->limits.length)/if (item->argument > reader->size)/
