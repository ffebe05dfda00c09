/* aws_root: the root certificate of AWS Nitro Enclaves, as AWS publishes it. */
#ifndef CLOISTER_RUNTIME_CRYPTO_AWS_ROOT_H
#define CLOISTER_RUNTIME_CRYPTO_AWS_ROOT_H

extern const char aws_root_pem[];
extern const char aws_root_sha256[]; /* of its DER, in lower-case digits */

#endif
