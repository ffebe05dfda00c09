# runtime/crypto/document.c: bytes behind the document are not seen
s/cbor_expect(&reader, CBOR_LEAVE, &item, fault) < 0 || cbor_end(&reader, fault) < 0)/cbor_expect(\&reader, CBOR_LEAVE, \&item, fault) < 0)/
