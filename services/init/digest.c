/* digest: see digest.h. The functions of SHA-384 itself: all that a small program needs of the
 * library. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "services/init/digest.h"

#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

static void begin(SHA512_CTX *context, const char *what)
{
	SHA384_Init(context);
	SHA384_Update(context, what, strlen(what));
	SHA384_Update(context, "\n", 1);
}

void digest_text(uint8_t digest[DIGEST_SIZE], const char *what, const void *bytes, size_t size)
{
	SHA512_CTX context;

	begin(&context, what);
	SHA384_Update(&context, bytes, size);
	SHA384_Final(digest, &context);
}

int digest_file(uint8_t digest[DIGEST_SIZE], const char *what, int fd)
{
	static uint8_t buffer[65536];
	SHA512_CTX context;
	ssize_t got;

	begin(&context, what);
	while ((got = read(fd, buffer, sizeof buffer)) > 0)
		SHA384_Update(&context, buffer, (size_t)got);
	SHA384_Final(digest, &context);
	return got < 0 ? -1 : 0;
}
