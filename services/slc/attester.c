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
#include "services/slc/ledger.h"
#include "services/slc/request.h"

#define WORDS   3 /* descriptors */
#define REQUEST 4

/* --- The broker's side ------------------------------------------------------------------------ */

int attester_open(struct attester_job *job, const char *nsm, const char *word, const uint8_t *bytes,
	size_t size, struct fault *fault)
{
	const int file = memfd_create(ATTESTER_NAME, MFD_CLOEXEC);

	attester_open_file(job, nsm, word, file);
	if (file >= 0 && pwrite(file, bytes, size, 0) == (ssize_t)size)
		return 0;
	attester_close(job);
	return fault_set(fault, "limit", "there is no memory for the request");
}

void attester_open_file(struct attester_job *job, const char *nsm, const char *word, int file)
{
	job->request = file;
	job->argv[0] = ATTESTER_NAME;
	job->argv[1] = nsm;
	job->argv[2] = word;
	job->argv[3] = NULL;
	job->program = (struct program){.name = "/proc/self/exe",
		.argv = job->argv,
		.third = WORDS,
		.death = SIGKILL,
		.extra = job->request,
		.log = STDERR_FILENO};
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

static int attest(struct nsm *nsm, struct fault *fault)
{
	struct nsm_wish wish = {.nonce = NULL};
	const uint8_t *document;
	size_t size;

	if (read_wish(&wish, fault) != 0 || nsm_attest(nsm, &wish, &document, &size, fault) != 0)
		return -1;
	return put_document(document, size, fault);
}

/* --- Register 18 ------------------------------------------------------------------------------ */

static bool is_zero(const struct nsm_pcr *pcr)
{
	for (size_t i = 0; i < pcr->size; i++)
		if (pcr->value[i] != 0)
			return false;
	return true;
}

/* A register that is locked has been marked, by a service before this one. But an image that locks
 * it empty lets nobody in. */
static int mark(struct nsm *nsm, struct fault *fault)
{
	uint8_t head[RECORD_HEAD_SIZE];
	struct nsm_pcr pcr;

	if (pread(REQUEST, head, sizeof head, 0) != (ssize_t)sizeof head)
		return fault_set(fault, "internal", "there is nothing to mark the register with");
	if (nsm_describe_pcr(nsm, LEDGER_REGISTER, &pcr, fault) != 0)
		return -1;
	if (pcr.is_locked)
		return is_zero(&pcr) ? fault_set(fault, "denied",
					       "register 18 is locked and empty: nobody may enter")
				     : 0;
	return nsm_extend_pcr(nsm, LEDGER_REGISTER, head, sizeof head, &pcr, fault) != 0
		       ? -1
		       : nsm_lock_pcr(nsm, LEDGER_REGISTER, fault);
}

/* --- The log ---------------------------------------------------------------------------------- */

static int pass_on(struct fault *fault)
{
	static uint8_t bytes[65536];
	off_t at = 0;
	ssize_t size;

	while ((size = pread(REQUEST, bytes, sizeof bytes, at)) > 0) {
		const ssize_t put = write(STDOUT_FILENO, bytes, (size_t)size);

		if (put <= 0)
			return fault_io(fault, errno, "the log can't be passed on");
		at += put;
	}
	return size == 0 ? 0 : fault_io(fault, errno, "the log can't be read");
}

/* --- Which of them ---------------------------------------------------------------------------- */

static int ask(const char *path, const char *word, struct fault *fault)
{
	static struct nsm nsm;
	int status = -1;

	if (strcmp(word, ATTESTER_LOG) == 0)
		return confine_attester(fault) != 0 ? -1 : pass_on(fault);
	if (nsm_open(&nsm, path, fault) != 0)
		return -1;
	if (confine_attester(fault) == 0)
		status = strcmp(word, ATTESTER_MARK) == 0 ? mark(&nsm, fault) : attest(&nsm, fault);
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

	if (count != 3)
		return 2;
	log_start(&(struct log_sink){.program = ATTESTER_NAME, .fd = STDERR_FILENO});
	if (ask(arguments[1], arguments[2], &fault) == 0)
		return say(SLC_REASON_NONE, "");
	log_fault(LOG_WARNING,
		strcmp(arguments[2], ATTESTER_DOCUMENT) == 0 ? "there is no document"
							     : "the attester has failed",
		&fault);
	(void)say(reason_of(fault.word), fault.text);
	return 1;
}
