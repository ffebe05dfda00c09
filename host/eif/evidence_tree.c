/* evidence_tree: hashes a source tree as rbuilds/evidence.py does: SHA-256 of the list that
 * sha256sum makes of all files, in the order of their names. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/eif/evidence.h"
#include "runtime/eif/tree.h"

#define BLOCK 65536u

const char *const evidence_trees[EVIDENCE_TREES] = {
	"GNUmakefile", "fsm", "fuzz", "gen", "host", "rbuilds", "runtime", "services", "verify"};

struct files {
	char **names; /* relative to the source tree */
	size_t count, room;
};

static void hexadecimal(const uint8_t value[32], char text[EVIDENCE_HEX_SIZE])
{
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", value[i]);
}

static int finish(EVP_MD_CTX *hash, char text[EVIDENCE_HEX_SIZE], struct fault *fault)
{
	uint8_t value[EVP_MAX_MD_SIZE];

	if (EVP_DigestFinal_ex(hash, value, NULL) != 1)
		return fault_set(fault, "crypto", "libcrypto refuses to hash with SHA-256");
	hexadecimal(value, text);
	return 0;
}

static EVP_MD_CTX *begin(struct fault *fault)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	if (hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1)
		return hash;
	EVP_MD_CTX_free(hash);
	(void)fault_set(fault, "crypto", "libcrypto refuses to hash with SHA-256");
	return NULL;
}

int evidence_digest(
	const void *bytes, size_t size, char text[EVIDENCE_HEX_SIZE], struct fault *fault)
{
	EVP_MD_CTX *hash = begin(fault);
	int status = -1;

	if (hash == NULL)
		return -1;
	(void)EVP_DigestUpdate(hash, bytes, size);
	status = finish(hash, text, fault);
	EVP_MD_CTX_free(hash);
	return status;
}

static int hash_file(const char *path, char text[EVIDENCE_HEX_SIZE], struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), status = -1;
	EVP_MD_CTX *hash = fd < 0 ? NULL : begin(fault);
	uint8_t bytes[BLOCK];
	ssize_t got;

	if (fd < 0)
		return fault_set(fault, "input", "can't open %s: %s", path, strerror(errno));
	if (hash != NULL) {
		while ((got = read(fd, bytes, sizeof bytes)) > 0)
			(void)EVP_DigestUpdate(hash, bytes, (size_t)got);
		status = got < 0 ? fault_io(fault, errno, "reading %s failed", path)
				 : finish(hash, text, fault);
	}
	EVP_MD_CTX_free(hash);
	close(fd);
	return status;
}

/* Pages and expected measurements are no part of a tree, and neither is what tools leave. */
static bool counts(const char *name)
{
	static const char *const endings[] = {".md", ".pcr.json"};
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t end = strlen(endings[i]);

		if (size >= end && strcmp(name + size - end, endings[i]) == 0)
			return false;
	}
	return name[0] != '.';
}

static int add(struct files *files, const char *name, struct fault *fault)
{
	if (files->count == files->room) {
		size_t room = files->room * 2 + 64;
		char **names = realloc(files->names, room * sizeof *names);

		if (names == NULL)
			return fault_set(fault, "memory", "no memory for names of files");
		files->names = names;
		files->room = room;
	}
	files->names[files->count] = strdup(name);
	if (files->names[files->count] == NULL)
		return fault_set(fault, "memory", "no memory for names of files");
	files->count++;
	return 0;
}

/* All files beneath the path, which begins with the source tree's: `prefix` bytes. */
static int collect(char *path, size_t prefix, struct files *files, struct fault *fault)
{
	char *const tops[] = {path, NULL};
	FTS *walk = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int status = 0;
	FTSENT *entry;

	if (walk == NULL)
		return fault_io(fault, errno, "can't look into %s", path);
	while (status == 0 && (entry = fts_read(walk)) != NULL) {
		bool is_left_out =
			entry->fts_level > 0 &&
			(entry->fts_name[0] == '.' || strcmp(entry->fts_name, "__pycache__") == 0);

		if (entry->fts_info == FTS_D && is_left_out)
			(void)fts_set(walk, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F && counts(entry->fts_name))
			status = add(files, entry->fts_path + prefix, fault);
		else if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR ||
			 entry->fts_info == FTS_ERR)
			status = fault_set(fault, "input", "can't look at %s: %s", entry->fts_path,
				strerror(entry->fts_errno));
	}
	fts_close(walk);
	return status;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The list, hashed. */
static int hash_list(
	const char *folder, struct files *files, char text[EVIDENCE_HEX_SIZE], struct fault *fault)
{
	EVP_MD_CTX *list = begin(fault);
	char path[PATH_MAX], line[PATH_MAX + EVIDENCE_HEX_SIZE + 4];
	int status = list == NULL ? -1 : 0;

	if (files->count > 1)
		qsort(files->names, files->count, sizeof *files->names, compare_names);
	for (size_t i = 0; i < files->count && status == 0; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, files->names[i]);
		status = hash_file(path, text, fault);
		if (status == 0) {
			(void)snprintf(line, sizeof line, "%s  %s\n", text, files->names[i]);
			(void)EVP_DigestUpdate(list, line, strlen(line));
		}
	}
	if (status == 0)
		status = finish(list, text, fault);
	EVP_MD_CTX_free(list);
	return status;
}

static int hash_tree(
	const char *folder, const char *tree, char text[EVIDENCE_HEX_SIZE], struct fault *fault)
{
	struct files files = {0};
	char path[PATH_MAX];
	int status;

	if (snprintf(path, sizeof path, "%s/%s", folder, tree) >= (int)sizeof path)
		return fault_set(fault, "input", "the path of the source tree is too long");
	status = collect(path, strlen(folder) + 1, &files, fault);
	if (status == 0)
		status = hash_list(folder, &files, text, fault);
	for (size_t i = 0; i < files.count; i++)
		free(files.names[i]);
	free(files.names);
	return status;
}

int evidence_compare(
	const struct evidence *evidence, struct comparison *comparison, struct fault *fault)
{
	const json_t *trees = eif_tree_member(evidence->tree, "trees");
	char text[EVIDENCE_HEX_SIZE];

	for (size_t i = 0; i < EVIDENCE_TREES; i++) {
		size_t size = 0;
		const char *said = eif_tree_text(trees, evidence_trees[i], &size);

		if (hash_tree(comparison->folder, evidence_trees[i], text, fault) < 0)
			return -1;
		comparison->same[i] = said != NULL && strcmp(said, text) == 0;
	}
	return 0;
}
