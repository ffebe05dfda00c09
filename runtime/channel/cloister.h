/* cloister: libcloister, the client's end of Cloister's secure local channel as a C library: run
 * commands in an enclave, copy files and reach what listens there, after both ends have proved who
 * they are.
 *
 *   #include <cloister.h>                      cc $(pkg-config --cflags --libs cloister) x.c
 *
 *   struct cloister_options *options = cloister_options_new();
 *   struct cloister_error error;
 *   struct cloister *session;
 *
 *   if (cloister_set(options, "address", "vsock:16:5005", &error) != 0 ||
 *       cloister_set(options, "policy", "/etc/cloister/web.policy", &error) != 0 ||
 *       cloister_set(options, "key", "file:operator.key", &error) != 0 ||
 *       cloister_connect(&session, options, &error) != 0)
 *           errx(1, "%s: %s", error.word, error.text);
 *
 * Two ways to move its bytes. cloister_connect has a socket of its own, and calls block until they
 * are done. cloister_new has none (sans I/O): bytes go in by cloister_feed and come out by
 * cloister_output, whatever carries them, and nothing blocks. Commands run on both; copies want
 * threads and files, and run on the first alone.
 *
 * RETURN VALUES. Functions that can fail return 0, or -1 with *error set. `error` may be null.
 * OWNERSHIP. What a function named _new, _connect gives is freed by the one named _free, _close;
 * null may be freed. Texts and bytes that are passed in are copied, unless it says otherwise; what
 * is given out belongs to the library, and lasts until the object that it was asked of is freed.
 * THREADS. An object is used by one thread at a time. Different sessions know nothing of each
 * other, and may be used by different threads at once; so may options that nobody changes
 * meanwhile. Callbacks are called in the thread that calls the library, out of the function that
 * says so, and out of cloister_close; they must free neither its session nor its command, which
 * they may cancel. PROCESS. No signal handler is set, no environment variable is read (but
 * XDG_RUNTIME_DIR for "enclave"), nothing is printed, no process is started. SIGPIPE is not raised.
 * A copy has a thread of its own while it runs.
 * UNITS. Sizes are bytes, times milliseconds, unless it says otherwise.
 * STABILITY. Functions stay and are added to; structs here never change their size, those that will
 * grow are opaque. The soname changes with anything else.
 */
#ifndef CLOISTER_H
#define CLOISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* The library's version, "0.1.0", which may be another one than that of this header. */
const char *cloister_version(void);

/* --- Errors ----------------------------------------------------------------------------------- */

/* `word` is for programs: lower case, one of the reasons of the protocol (spec/slc.md: "denied",
 * "not_found", "timeout", "lost", "document", ...) or of those below. `text` is one sentence for
 * people; it may quote what the peer has said: escape it before a terminal sees it.
 *   usage     an option is unknown, has a bad value, or excludes another
 *   address   not an address                    name      its host has no address
 *   refused   nobody listens there              tls       the peer does not speak TLS 1.3
 *   input     a file here can't be read         key       it holds no private key
 *   permission  others may use the key's file   provider  what holds the key can't be used
 *   memory    there is none                     limit     too many descriptors, or commands
 * and, of a policy, what is wrong with its text ("syntax", "unknown", ...). */
struct cloister_error {
	char word[32];
	char text[512];
};

/* --- Options ---------------------------------------------------------------------------------- */

/* Whom to reach, and what to believe. May be used for any number of sessions, and freed or changed
 * when they were made. */
struct cloister_options;

/* Null: there is no memory. */
struct cloister_options *cloister_options_new(void);
void cloister_options_free(struct cloister_options *options);

/* Sets one; a null value forgets it. They are those of pipeline.conf:
 *   address          vsock:CID:PORT, unix:PATH, unix:@NAME, tcp:HOST:PORT, hybrid:PATH:PORT
 *   enclave          or the name of one that the launcher `enclave` has started here
 *   timeout          seconds for connecting, and again for greeting, 1 to 86400; without it, 10
 *   policy           a file that says which enclaves are believed (spec/policy.md); or, without it,
 *   root             a file in PEM form: what documents are signed under, instead of AWS's root
 *   key              file:PATH, pkcs11:... or tpm:HANDLE: the operator's private key, if the image
 *                    wants one (spec/keys.md)
 *   accept_unsigned  "true": believe a document that nobody has signed, as QEMU's: for tests
 *   accept_debug     "true": believe an enclave in debug mode, which its host can read
 *   vsock_dir        a folder: DIR/CID/PORT are Unix sockets that stand in for vsock
 *   insecure_dev     "true": no TLS and no proof at all, with a peer that wants it so
 * A policy excludes root and accept_*. Files are read by cloister_connect and cloister_new.
 * Errors: usage, address, memory. */
int cloister_set(struct cloister_options *options, const char *name, const char *value,
	struct cloister_error *error);

/* --- Sessions --------------------------------------------------------------------------------- */

struct cloister;

/* Connects and proves; it returns when commands may be run. Blocks for at most "timeout" for each
 * step, and as long as the resolver likes for the name of a tcp address.
 * Errors: the options'; refused, unreachable, timeout, tls; document (the enclave is not one that
 * is believed; the text says why), binding (somebody is in between), auth, auth_required, key,
 * expired (the enclave does not take our key), protocol, version. */
int cloister_connect(struct cloister **session, const struct cloister_options *options,
	struct cloister_error *error);

/* Ends it in good order, for which it blocks for half a second at most, and frees it. What still
 * runs is cancelled. */
void cloister_close(struct cloister *session);

/* Whether the enclave has proved by a signed document, fresh for this session and bound to its TLS
 * connection, that it is one that the options believe. False where that was not asked for, by
 * accept_* or insecure_dev. Known once the session is open. */
bool cloister_is_attested(const struct cloister *session);

/* That document, COSE_Sign1; null: there is none. */
const void *cloister_document(const struct cloister *session, size_t *size);

/* The name of the policy's image that the enclave is; null: there is no policy. */
const char *cloister_image(const struct cloister *session);

/* The time of one exchange, in nanoseconds. Blocks for "timeout" at most; sessions of
 * cloister_connect only. */
int cloister_ping(struct cloister *session, uint64_t *nanoseconds, struct cloister_error *error);

/* --- Verifying -------------------------------------------------------------------------------- */

/* Judges a document that was kept, now, by the options' policy, or root; accept_* change nothing.
 * `nonce`: that it must hold; null: it may hold any, and may be as old as its certificates allow.
 * 0: accepted. Errors: the options'; or the verdict's word (spec/attestation.md): malformed,
 * unsigned, debug, pcr, nonce, expired, ... */
int cloister_verify(const struct cloister_options *options, const void *document, size_t size,
	const void *nonce, size_t nonce_size, struct cloister_error *error);

/* A register of a document, 0 to 31, as it stands there, whether or not that is to be believed:
 * cloister_verify says. Returns its size; 0: it is not there. There is room for 64 bytes. */
size_t cloister_pcr(const void *document, size_t size, unsigned number, uint8_t value[64]);

/* --- Commands --------------------------------------------------------------------------------- */

/* One run of a program in the enclave. It may be started once. Freeing cancels it if it runs; ask
 * for its outcome before its session is freed. A session has up to 64 at once. */
struct cloister_command;

/* words[0] is the program, looked for in the enclave's PATH, and a null ends them; no shell is
 * between. At most about 64 KiB in all. Null: there is no memory. */
struct cloister_command *cloister_command_new(const char *const *words);
void cloister_command_free(struct cloister_command *command);

/* Before it is started, as far as the key may: "environment", NAME=VALUE, as often as need be,
 * beside PATH, HOME, USER, LOGNAME and SHELL; "directory", an absolute path, where it begins;
 * "user", as whom it runs. Errors: usage, memory. What the enclave does not permit,
  * cloister_outcome says. */
int cloister_command_set(struct cloister_command *command, const char *name, const char *value,
	struct cloister_error *error);

/* Not a command, but a connection to `target` there, tcp:HOST:PORT, unix:PATH or vsock:CID:PORT,
 * that is used like one: its input is what goes to the target, its output, of stream 1, what comes
 * from it; the end of what comes is told by a call with no bytes. Its status is 0, when both
 * directions have ended well. Null: errors address, memory. Where nobody is reached the outcome
  * says "unreachable". */
struct cloister_command *cloister_forward_new(const char *target, struct cloister_error *error);

/* Gives up to `size` bytes, at least one, of the command's input, and returns how many; 0: that was
 * all; CLOISTER_LATER: there is nothing now, and cloister_resume will say when. It may block, and
 * with it the session. */
#define CLOISTER_LATER SIZE_MAX
typedef size_t cloister_input(void *data, void *bytes, size_t size);

/* Takes bytes of the command's output, of stream 1, or 2 for its errors. Anything but 0 cancels the
 * command. Memory is bounded: while it blocks the command waits, once the window is used up. */
typedef int cloister_output_to(void *data, int stream, const void *bytes, size_t size);

/* Before it is started. Without an input it finds its end at once; output without a taker is
 * dropped. `bytes` stay the caller's, and in place until the command is done. */
void cloister_command_input(struct cloister_command *command, cloister_input *function, void *data);
void cloister_command_input_bytes(struct cloister_command *command, const void *bytes, size_t size);
void cloister_command_output(
	struct cloister_command *command, cloister_output_to *function, void *data);

/* Runs it to its end: cloister_start, cloister_step and cloister_outcome in one, for sessions of
 * cloister_connect. */
int cloister_exec(struct cloister *session, struct cloister_command *command, int *status,
	struct cloister_error *error);

/* Asks for it, and returns at once: cloister_step does the rest, and calls the callbacks.
 * Errors: usage (it was started before), closing (the session is not open), limit, request (too
 * many words). */
int cloister_start(
	struct cloister *session, struct cloister_command *command, struct cloister_error *error);

/* While it runs; afterwards they do nothing. A signal has the number that it has on Linux, and goes
 * to the whole group of the command's processes. */
void cloister_signal(struct cloister_command *command, int number);
void cloister_resume(struct cloister_command *command);
void cloister_cancel(struct cloister_command *command);

bool cloister_is_done(const struct cloister_command *command);

/* What came of it, when it is done. 0: *status is the command's, 0 to 255; 128 + n: signal n ended
 * it. -1: it did not run, or its end is not known; *status is then what `docker exec` ends with:
 * 127 (not_found), 126 (not_executable) or 125. Errors: denied (the key or the enclave's policy
 * does not permit it), limit, timeout, cancelled, lost, io, ... */
int cloister_outcome(
	const struct cloister_command *command, int *status, struct cloister_error *error);

/* --- Copies ----------------------------------------------------------------------------------- */

/* What was copied. */
struct cloister_copied {
	uint64_t members; /* files, folders, links */
	uint64_t bytes;   /* of files */
	uint64_t skipped; /* sockets, FIFOs, devices, and what vanished meanwhile */
	uint64_t reserved[5];
};

/* Copies the file, link or tree `from` here to `to` in the enclave, or the other way; what is there
 * under that very name is replaced by files and merged with by folders. The folder that it lies in
 * must exist. A path here may be relative, one in the enclave is absolute. Modes, times, links and
 * hard links are kept, owners are not; symbolic links are not followed, and what the peer sends
 * can't leave the target. A file appears when all of it has come and its digest is right. `copied`
 * may be null. They block; sessions of cloister_connect only.
 * Errors: not_found, path, denied, space, io, digest, request, lost, usage, ... */
int cloister_put(struct cloister *session, const char *from, const char *to,
	struct cloister_copied *copied, struct cloister_error *error);
int cloister_get(struct cloister *session, const char *from, const char *to,
	struct cloister_copied *copied, struct cloister_error *error);

/* --- Sessions without a transport ------------------------------------------------------------- */

/* Begins one whose bytes the caller moves. "address" and "enclave" are not needed. The session
 * holds two descriptors for its timers, and touches no other one.
 *
 *   while (cloister_state(session) != CLOISTER_OVER) {
 *           write what cloister_output lists to the peer, and cloister_written says how much;
 *           read from the peer, for at most cloister_wait milliseconds, and cloister_feed it;
 *           cloister_step(session, 0, &error);
 *   } */
int cloister_new(struct cloister **session, const struct cloister_options *options,
	struct cloister_error *error);

/* Gives everything up at once; the peer is told nothing. */
void cloister_free(struct cloister *session);

enum cloister_state {
	CLOISTER_OPENING, /* the ends prove who they are */
	CLOISTER_OPEN,    /* commands may be started */
	CLOISTER_OVER     /* for the reason that cloister_step tells */
};
enum cloister_state cloister_state(const struct cloister *session);

/* Takes bytes that came from the peer, and returns how many; the rest is to be offered again after
 * the next cloister_step. feed_end: nothing comes any more. */
size_t cloister_feed(struct cloister *session, const void *bytes, size_t size);
void cloister_feed_end(struct cloister *session);

/* The first bytes that wait for the peer, 0: none; and that so many of them have left. Ends:
 * nothing will follow them, so end this direction of the transport when they have left. */
size_t cloister_output(const struct cloister *session, const void **bytes);
void cloister_written(struct cloister *session, size_t size);
bool cloister_output_ends(const struct cloister *session);

/* Does what is to be done, and calls callbacks; to be called after feeding, writing, starting, and
 * when cloister_wait milliseconds have passed. A session of cloister_connect waits for something to
 * do, `most` milliseconds at most, -1 for any time; the others never wait.
 * -1: the session is over, or nothing can be done any more; *error says why. The word is "none"
 * where it has ended in good order. */
int cloister_step(struct cloister *session, int most, struct cloister_error *error);

/* Milliseconds until cloister_step has something to do, if nothing comes; -1: never. */
int cloister_wait(const struct cloister *session);

/* Begins to end the session in good order; commands that run may end first. */
void cloister_leave(struct cloister *session);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
