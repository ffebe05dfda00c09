/* attester: see attester.h. */
#include "services/slc/attester.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/crypto/nsm.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "services/slc/copier.h"
#include "services/slc/request.h"

#define WORDS   3 /* descriptors */
#define REQUEST 4

/* --- The broker's side ------------------------------------------------------------------------ */

int attester_open(struct attester_job *job, const char *nsm, const uint8_t *fields, size_t size,
	struct fault *fault)
{
	job->request = memfd_create(ATTESTER_NAME, MFD_CLOEXEC);
	if (job->request < 0 || pwrite(job->request, fields, size, 0) != (ssize_t)size) {
		attester_close(job);
		return fault_set(fault, "limit", "there is no memory for the request");
	}
	job->argv[0] = ATTESTER_NAME;
	job->argv[1] = nsm;
	job->argv[2] = NULL;
	job->program = (struct program){.name = "/proc/self/exe",
		.argv = job->argv,
		.third = WORDS,
		.death = SIGKILL,
		.extra = job->request,
		.log = STDERR_FILENO};
	return 0;
}

void attester_close(struct attester_job *job)
{
	if (job->request >= 0)
		(void)close(job->request);
	job->request = -1;
}

/* --- The attester itself ---------------------------------------------------------------------- */

/* An NSM that is there may be asked, and nothing else be opened. */
static int confine_attester(struct fault *fault)
{
	static const char *const calls[] = {
		"ioctl", "pread64", "recvfrom", "sendto", "setsockopt", NULL};
	const struct confine_profile profile = {.name = ATTESTER_NAME,
		.keep_user = true,
		.more_calls = calls,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static void take(struct nsm_wish *wish, const struct field *field)
{
	switch (field->tag) {
	case SLC_NONCE:
		wish->nonce = field->value;
		wish->nonce_size = field->length;
		break;
	case SLC_USER_DATA:
		wish->user_data = field->value;
		wish->user_data_size = field->length;
		break;
	case SLC_PUBLIC_KEY:
		wish->public_key = field->value;
		wish->public_key_size = field->length;
		break;
	default:
		break;
	}
}

static int read_wish(struct nsm_wish *wish, struct fault *fault)
{
	static uint8_t bytes[REQUEST_SIZE_MAX];
	const ssize_t size = pread(REQUEST, bytes, sizeof bytes, 0);
	struct fields row = fields_of(bytes, size > 0 ? (size_t)size : 0);
	struct field field;

	if (size < 0)
		return fault_io(fault, errno, "the request can't be read");
	while (fields_next(&row, &field) == FIELDS_NEXT)
		take(wish, &field);
	return 0;
}

/* The document is smaller than any pipe. */
static int put_document(const uint8_t *document, size_t size, struct fault *fault)
{
	if (write(STDOUT_FILENO, document, size) == (ssize_t)size)
		return 0;
	return fault_io(fault, errno, "the document can't be passed on");
}

static int attest(const char *path, struct fault *fault)
{
	static struct nsm nsm;
	struct nsm_wish wish = {.nonce = NULL};
	const uint8_t *document;
	size_t size;
	int status;

	if (nsm_open(&nsm, path, fault) != 0)
		return -1;
	status = confine_attester(fault) != 0 || read_wish(&wish, fault) != 0 ||
				 nsm_attest(&nsm, &wish, &document, &size, fault) != 0
			 ? -1
			 : put_document(document, size, fault);
	nsm_close(&nsm);
	return status;
}

/* What the NSM or the way to it says, as a reason of the protocol. */
static uint32_t reason_of(const char *word)
{
	static const struct {
		const char *word;
		uint32_t reason;
	} reasons[] = {
		{"not_found", SLC_REASON_NOT_FOUND},
		{"denied", SLC_REASON_DENIED},
		{"timeout", SLC_REASON_TIMEOUT},
		{"InvalidArgument", SLC_REASON_REQUEST},
		{"InputTooLarge", SLC_REASON_REQUEST},
		{"io", SLC_REASON_IO},
		{"closed", SLC_REASON_IO},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].word, word) == 0)
			return reasons[i].reason;
	return SLC_REASON_INTERNAL;
}

/* One write to an empty pipe takes it all. */
static int say(uint32_t reason, const char *text)
{
	uint8_t bytes[COPIER_WORDS_MAX];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	field_put_number(&writer, SLC_REASON, reason);
	field_put_text(&writer, SLC_TEXT, text);
	return write(WORDS, bytes, writer.used) == (ssize_t)writer.used ? 0 : 1;
}

int attester_run(int count, char **arguments)
{
	struct fault fault;

	if (count != 2)
		return 2;
	log_start(&(struct log_sink){.program = ATTESTER_NAME, .fd = STDERR_FILENO});
	if (attest(arguments[1], &fault) == 0)
		return say(SLC_REASON_NONE, "");
	log_fault(LOG_WARNING, "there is no document", &fault);
	return say(reason_of(fault.word), fault.text);
}
