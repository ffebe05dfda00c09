/* copy: copies a file or a tree into an enclave and out of it again, and says what it knows of the
 * enclave.
 *
 *   cc copy.c $(pkg-config --cflags --libs cloister) -o copy
 *   ./copy ADDRESS ROOT.PEM HERE THERE BACK
 */
#include <cloister.h>

#include <stdio.h>

static int fail(const char *what, const struct cloister_error *error)
{
	fprintf(stderr, "%s: %s (%s)\n", what, error->text, error->word);
	return 1;
}

static int connect_to(struct cloister **session, const char *address, const char *root,
	struct cloister_error *error)
{
	struct cloister_options *options = cloister_options_new();
	int status = -1;

	if (options != NULL && cloister_set(options, "address", address, error) == 0 &&
		cloister_set(options, "root", root, error) == 0)
		status = cloister_connect(session, options, error);
	cloister_options_free(options);
	return status;
}

/* Whoever wants to keep the document can judge it later, by cloister_verify. */
static void show_enclave(const struct cloister *session)
{
	uint8_t pcr[64];
	size_t size, document_size;
	const void *document = cloister_document(session, &document_size);

	printf("attested %s\nPCR0 ", cloister_is_attested(session) ? "yes" : "no");
	size = cloister_pcr(document, document_size, 0, pcr);
	for (size_t i = 0; i < size; i++)
		printf("%02x", pcr[i]);
	printf("\n");
}

int main(int count, char **words)
{
	struct cloister_copied put, got;
	struct cloister_error error;
	struct cloister *session;
	int status = 0;

	if (count != 6)
		return 2;
	if (connect_to(&session, words[1], words[2], &error) != 0)
		return fail("connecting", &error);
	show_enclave(session);
	if (cloister_put(session, words[3], words[4], &put, &error) != 0)
		status = fail("putting", &error);
	else if (cloister_get(session, words[4], words[5], &got, &error) != 0)
		status = fail("getting", &error);
	else
		printf("%llu members, %llu bytes there; %llu, %llu back\n",
			(unsigned long long)put.members, (unsigned long long)put.bytes,
			(unsigned long long)got.members, (unsigned long long)got.bytes);
	cloister_close(session);
	return status;
}
