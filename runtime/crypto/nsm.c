/* nsm: see nsm.h. */
#include "runtime/crypto/nsm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/crypto/cbor_write.h"

/* The argument of the device's one ioctl: where the request is, and where the reply goes. The
 * kernel sets the reply's length. */
struct span {
	uint64_t address, length;
};
struct exchange {
	struct span request, reply;
};
#define EXCHANGE _IOWR(0x0A, 0, struct exchange)
_Static_assert(EXCHANGE == 0xC0200A00, "the device knows this number alone");

/* --- The way there ---------------------------------------------------------------------------- */

static int cannot(struct fault *fault, int error, const char *what, const char *path)
{
	const char *word =
		error == ENOENT || error == ENODEV || error == ENXIO || error == ECONNREFUSED
			? "not_found"
			: "io";

	if (error == EACCES || error == EPERM)
		word = "denied";
	if (error == EAGAIN || error == ETIMEDOUT)
		word = "timeout";
	return fault_set(fault, word, "the NSM at %s: %s: %s", path, what, strerror(error));
}

/* A path that does not fit into an address is reached through its descriptor. */
static void name_socket(struct sockaddr_un *name, int at, const char *path)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) < sizeof name->sun_path)
		(void)memcpy(name->sun_path, path, strlen(path));
	else
		(void)snprintf(name->sun_path, sizeof name->sun_path, "/proc/self/fd/%d", at);
}

static int open_socket(struct nsm *nsm, int at, const char *path, struct fault *fault)
{
	const struct timeval deadline = {.tv_sec = NSM_SOCKET_SECONDS};
	struct sockaddr_un name;

	nsm->is_socket = true;
	nsm->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (nsm->fd < 0)
		return cannot(fault, errno, "socket", path);
	name_socket(&name, at, path);
	if (setsockopt(nsm->fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline) != 0 ||
		setsockopt(nsm->fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline) != 0)
		return cannot(fault, errno, "setsockopt", path);
	if (connect(nsm->fd, (const struct sockaddr *)&name, sizeof name) != 0)
		return cannot(fault, errno, "nobody answers", path);
	return 0;
}

static int open_device(struct nsm *nsm, const char *path, struct fault *fault)
{
	nsm->fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	return nsm->fd >= 0 ? 0 : cannot(fault, errno, "open", path);
}

static int open_at(struct nsm *nsm, int at, const char *path, struct fault *fault)
{
	struct stat stat;

	if (fstat(at, &stat) != 0)
		return cannot(fault, errno, "fstat", path);
	if (S_ISSOCK(stat.st_mode))
		return open_socket(nsm, at, path, fault);
	if (S_ISCHR(stat.st_mode))
		return open_device(nsm, path, fault);
	return fault_set(
		fault, "not_found", "the NSM at %s is neither a device nor a socket", path);
}

int nsm_open(struct nsm *nsm, const char *path, struct fault *fault)
{
	int at = open(path, O_PATH | O_CLOEXEC);
	int status;

	nsm->fd = -1;
	nsm->is_socket = false;
	if (at < 0)
		return cannot(fault, errno, "open", path);
	status = open_at(nsm, at, path, fault);
	(void)close(at);
	if (status != 0)
		nsm_close(nsm);
	return status;
}

void nsm_close(struct nsm *nsm)
{
	if (nsm->fd >= 0)
		(void)close(nsm->fd);
	nsm->fd = -1;
}

/* The number does not fit into the int that some C libraries want of an ioctl. */
static int exchange_by_device(struct nsm *nsm, size_t size, size_t *received, struct fault *fault)
{
	struct exchange exchange = {
		.request = {.address = (uintptr_t)nsm->request, .length = size},
		.reply = {.address = (uintptr_t)nsm->reply, .length = sizeof nsm->reply},
	};

	if (syscall(SYS_ioctl, nsm->fd, (unsigned long)EXCHANGE, &exchange) != 0) {
		if (errno == EMSGSIZE)
			return fault_set(fault, "InputTooLarge",
				"the NSM refuses a request of %zu bytes", size);
		return cannot(fault, errno, "ioctl", "its device");
	}
	*received = exchange.reply.length <= sizeof nsm->reply ? (size_t)exchange.reply.length : 0;
	return 0;
}

static ssize_t send_whole(const struct nsm *nsm, size_t size)
{
	ssize_t sent;

	do
		sent = send(nsm->fd, nsm->request, size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent;
}

static ssize_t receive(struct nsm *nsm)
{
	ssize_t got;

	do
		got = recv(nsm->fd, nsm->reply, sizeof nsm->reply, MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	return got;
}

/* After a failure a reply might still come, which would be taken for that of the next request: the
 * connection is given up. */
static int exchange_by_socket(struct nsm *nsm, size_t size, size_t *received, struct fault *fault)
{
	ssize_t got = -1;

	if (send_whole(nsm, size) == (ssize_t)size)
		got = receive(nsm);
	*received = got > 0 ? (size_t)got : 0;
	if (got > 0 && *received <= sizeof nsm->reply)
		return 0;
	if (got < 0)
		(void)cannot(fault, errno, "no answer", "its socket");
	else if (got == 0)
		(void)fault_set(fault, "closed", "the NSM has closed the connection");
	else
		(void)fault_set(
			fault, "InvalidResponse", "the NSM's reply has %zu bytes", *received);
	nsm_close(nsm);
	return -1;
}

static int ask(struct nsm *nsm, enum nsm_operation operation, const struct cbor_writer *request,
	struct nsm_reply *reply, struct fault *fault)
{
	size_t received = 0;
	int status;

	if (nsm->fd < 0)
		return fault_set(fault, "closed", "the NSM is not open");
	if (request->is_full)
		return fault_set(
			fault, "InputTooLarge", "a request may have %u bytes", NSM_REQUEST_MAX);
	status = nsm->is_socket ? exchange_by_socket(nsm, request->used, &received, fault)
				: exchange_by_device(nsm, request->used, &received, fault);
	if (status != 0)
		return -1;
	return nsm_reply_read(operation, nsm->reply, received, reply, fault);
}

/* --- Requests --------------------------------------------------------------------------------- */

/* Those without arguments are their name. */
static int ask_by_name(
	struct nsm *nsm, enum nsm_operation operation, struct nsm_reply *reply, struct fault *fault)
{
	struct cbor_writer writer = cbor_writer_of(nsm->request, sizeof nsm->request);

	cbor_put_text(&writer, nsm_operation_names[operation]);
	return ask(nsm, operation, &writer, reply, fault);
}

/* The others are a map of their name to their arguments, `count` of them. */
static struct cbor_writer begin(struct nsm *nsm, enum nsm_operation operation, unsigned count)
{
	struct cbor_writer writer = cbor_writer_of(nsm->request, sizeof nsm->request);

	cbor_put_map(&writer, 1);
	cbor_put_text(&writer, nsm_operation_names[operation]);
	cbor_put_map(&writer, count);
	return writer;
}

static int ask_of_number(struct nsm *nsm, enum nsm_operation operation, const char *name,
	uint32_t number, struct nsm_reply *reply, struct fault *fault)
{
	struct cbor_writer writer = begin(nsm, operation, 1);

	cbor_put_text(&writer, name);
	cbor_put_unsigned(&writer, number);
	return ask(nsm, operation, &writer, reply, fault);
}

int nsm_describe(struct nsm *nsm, struct nsm_description *description, struct fault *fault)
{
	struct nsm_reply reply = {0};

	if (ask_by_name(nsm, NSM_DESCRIBE_NSM, &reply, fault) != 0)
		return -1;
	*description = reply.description;
	return 0;
}

static void take_pcr(struct nsm_pcr *pcr, const struct nsm_reply *reply)
{
	*pcr = (struct nsm_pcr){.is_locked = reply->is_locked, .size = reply->size};
	if (reply->bytes != NULL)
		(void)memcpy(pcr->value, reply->bytes, reply->size);
}

int nsm_describe_pcr(struct nsm *nsm, uint32_t index, struct nsm_pcr *pcr, struct fault *fault)
{
	struct nsm_reply reply = {0};

	if (ask_of_number(nsm, NSM_DESCRIBE_PCR, "index", index, &reply, fault) != 0)
		return -1;
	take_pcr(pcr, &reply);
	return 0;
}

int nsm_extend_pcr(struct nsm *nsm, uint32_t index, const void *bytes, size_t size,
	struct nsm_pcr *pcr, struct fault *fault)
{
	struct cbor_writer writer = begin(nsm, NSM_EXTEND_PCR, 2);
	struct nsm_reply reply = {0};

	cbor_put_text(&writer, "index");
	cbor_put_unsigned(&writer, index);
	cbor_put_text(&writer, "data");
	cbor_put_bytes(&writer, bytes, size);
	if (ask(nsm, NSM_EXTEND_PCR, &writer, &reply, fault) != 0)
		return -1;
	take_pcr(pcr, &reply);
	return 0;
}

int nsm_lock_pcr(struct nsm *nsm, uint32_t index, struct fault *fault)
{
	struct nsm_reply reply = {0};

	return ask_of_number(nsm, NSM_LOCK_PCR, "index", index, &reply, fault);
}

int nsm_lock_pcrs(struct nsm *nsm, uint32_t range, struct fault *fault)
{
	struct nsm_reply reply = {0};

	return ask_of_number(nsm, NSM_LOCK_PCRS, "range", range, &reply, fault);
}

static void put_part(
	struct cbor_writer *writer, const char *name, const uint8_t *bytes, size_t size)
{
	cbor_put_text(writer, name);
	if (bytes == NULL)
		cbor_put_null(writer);
	else
		cbor_put_bytes(writer, bytes, size);
}

static bool is_too_long(const uint8_t *bytes, size_t size, size_t most)
{
	return bytes != NULL && size > most;
}

int nsm_attest(struct nsm *nsm, const struct nsm_wish *wish, const uint8_t **document, size_t *size,
	struct fault *fault)
{
	struct cbor_writer writer = begin(nsm, NSM_ATTESTATION, 3);
	struct nsm_reply reply = {0};

	if (is_too_long(wish->user_data, wish->user_data_size, NSM_USER_DATA_MAX) ||
		is_too_long(wish->nonce, wish->nonce_size, NSM_NONCE_MAX) ||
		is_too_long(wish->public_key, wish->public_key_size, NSM_PUBLIC_KEY_MAX))
		return fault_set(fault, "InvalidArgument",
			"a document takes %u bytes of user data, %u of a nonce and %u of a key",
			NSM_USER_DATA_MAX, NSM_NONCE_MAX, NSM_PUBLIC_KEY_MAX);
	put_part(&writer, "user_data", wish->user_data, wish->user_data_size);
	put_part(&writer, "nonce", wish->nonce, wish->nonce_size);
	put_part(&writer, "public_key", wish->public_key, wish->public_key_size);
	if (ask(nsm, NSM_ATTESTATION, &writer, &reply, fault) != 0)
		return -1;
	*document = reply.bytes;
	*size = reply.size;
	return 0;
}

int nsm_random(struct nsm *nsm, void *bytes, size_t size, struct fault *fault)
{
	uint8_t *to = bytes;
	struct nsm_reply reply = {0};

	while (size > 0) {
		size_t part;

		if (ask_by_name(nsm, NSM_GET_RANDOM, &reply, fault) != 0)
			return -1;
		if (reply.bytes == NULL)
			return fault_set(fault, "InvalidResponse", "the NSM gives no bytes");
		part = reply.size < size ? reply.size : size;
		(void)memcpy(to, reply.bytes, part);
		to += part;
		size -= part;
	}
	return 0;
}
