/* event_log: see event_log.h. */
#include "host/attest/event_log.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE  8192u /* bytes with line feed and NUL */
#define DIGITS     (2u * EVENT_LOG_SIZE)
#define LINE_START 3u /* bytes of "16 " */

/* "16 DIGEST WHAT", or 17: the digest of a line, and which of our registers it is of; -1 for a line
 * that is none. */
static int read_line(const char *line, uint8_t digest[EVENT_LOG_SIZE], unsigned *which)
{
	const char *digits = line + LINE_START;
	char copy[DIGITS + 1];
	size_t size;

	*which = line[0] == '1' && line[1] == '7' ? 1u : 0u;
	if ((strncmp(line, "16 ", LINE_START) != 0 && strncmp(line, "17 ", LINE_START) != 0) ||
		strspn(digits, "0123456789abcdef") != DIGITS || digits[DIGITS] != ' ' ||
		strlen(digits) < DIGITS + 3 || line[strlen(line) - 1] != '\n')
		return -1;
	memcpy(copy, digits, DIGITS);
	copy[DIGITS] = '\0';
	return OPENSSL_hexstr2buf_ex(digest, EVENT_LOG_SIZE, &size, copy, '\0') == 1 ? 0 : -1;
}

/* The value becomes the digest of what it was and an event's digest behind it. */
static int extend(uint8_t value[EVENT_LOG_SIZE], const uint8_t digest[EVENT_LOG_SIZE])
{
	uint8_t both[2 * EVENT_LOG_SIZE];

	memcpy(both, value, EVENT_LOG_SIZE);
	memcpy(both + EVENT_LOG_SIZE, digest, EVENT_LOG_SIZE);
	return EVP_Digest(both, sizeof both, value, NULL, EVP_sha384(), NULL) == 1 ? 0 : -1;
}

static int replay(FILE *file, const char *path, struct event_log *log, struct fault *fault)
{
	char line[LINE_SIZE];
	uint8_t digest[EVENT_LOG_SIZE];
	unsigned number = 0, which;

	memset(log, 0, sizeof *log);
	log->has[0] = true;
	while (fgets(line, sizeof line, file) != NULL) {
		number++;
		if (read_line(line, digest, &which) != 0)
			return fault_set(fault, "input",
				"%.200s:%u: it is no line of a log of init's events, which are "
				"'16 DIGEST WHAT' and '17 DIGEST WHAT'",
				path, number);
		log->has[which] = true;
		if (extend(log->values[which], digest) != 0)
			return fault_set(fault, "crypto", "libcrypto refuses to hash");
	}
	return ferror(file) != 0 ? fault_set(fault, "input", "can't read %.200s", path) : 0;
}

int event_log_replay(const char *path, struct event_log *log, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	int failed;

	if (file == NULL && errno == ENOENT)
		return fault_set(fault, "input", "there is no %.200s", path);
	if (file == NULL)
		return fault_set(fault, "input", "can't read %.200s: %s", path, strerror(errno));
	failed = replay(file, path, log, fault);
	(void)fclose(file);
	return failed;
}
