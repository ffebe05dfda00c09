/* output: see output.h. */
#include "services/logseal/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/channel/wire.h"
#include "runtime/crypto/nsm.h"
#include "runtime/kernel/log.h"

static int write_all(
	const struct output *output, const uint8_t *bytes, size_t size, struct fault *fault)
{
	while (size > 0) {
		struct pollfd ready = {.fd = output->fd, .events = POLLOUT};
		ssize_t done = send(output->fd, bytes, size, MSG_NOSIGNAL);

		if (done >= 0) {
			bytes += done;
			size -= (size_t)done;
			continue;
		}
		if (errno == EAGAIN) {
			/* In slices: a signal may come just before it waits. */
			bool is_last = *output->is_ending != 0;
			int some = poll(&ready, 1, is_last ? OUTPUT_LAST_SECONDS * 1000 : 1000);

			if (some == 0 && is_last)
				return fault_set(fault, "timeout",
					"who carries the sealed log does not take the rest of it");
			if (some >= 0)
				continue;
		}
		if (errno != EINTR)
			return fault_io(fault, errno, "who carries the sealed log is gone");
	}
	return 0;
}

/* The document says in whose enclave the share was made. A place without an NSM has none. */
static int attest(struct nsm *nsm, const char *path, const uint8_t share[HPKE_KEY_SIZE],
	const uint8_t **document, size_t *size, struct fault *fault)
{
	const struct nsm_wish wish = {.user_data = (const uint8_t *)SEALED_USER_DATA,
		.user_data_size = strlen(SEALED_USER_DATA),
		.public_key = share,
		.public_key_size = HPKE_KEY_SIZE};

	*size = 0;
	if (access(path, F_OK) != 0) {
		LOG(LOG_WARNING,
			"there is no NSM: whoever opens the log can't know where it was sealed",
			log_string("nsm", path));
		return 0;
	}
	return nsm_open(nsm, path, fault) != 0 ? -1 : nsm_attest(nsm, &wish, document, size, fault);
}

int output_begin(struct output *output, const uint8_t key[HPKE_KEY_SIZE], const char *nsm,
	struct fault *fault)
{
	static struct nsm client = {.fd = -1};
	const struct hpke_bytes info = {.bytes = SEALED_INFO, .size = strlen(SEALED_INFO)};
	uint8_t share[HPKE_KEY_SIZE];
	const uint8_t *document = NULL;
	size_t size = 0;
	int failed = hpke_sender(&output->hpke, HPKE_AES_256_GCM, key, info, share, fault);

	if (failed == 0)
		failed = attest(&client, nsm, share, &document, &size, fault);
	if (failed == 0)
		failed = sealed_head_make(&output->head, share, document, size, fault);
	nsm_close(&client);
	return failed != 0 ? -1 : write_all(output, output->head.bytes, output->head.size, fault);
}

int output_record(struct output *output, const uint8_t *plain, size_t size, struct fault *fault)
{
	uint8_t record[SEALED_FRONT_NUMBER_SIZE + SEALED_RECORD_MAX];

	if (size > SEALED_PLAIN_MAX)
		return fault_set(
			fault, "limit", "a record has more than %u bytes", SEALED_PLAIN_MAX);
	wire_put_number(record, (uint32_t)(size + HPKE_TAG_SIZE));
	if (hpke_seal(&output->hpke, sealed_also(&output->head, &output->hpke), plain, size,
		    record + SEALED_FRONT_NUMBER_SIZE, fault) != 0)
		return -1;
	return write_all(output, record, SEALED_FRONT_NUMBER_SIZE + size + HPKE_TAG_SIZE, fault);
}
