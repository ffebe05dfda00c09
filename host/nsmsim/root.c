/* root: see root.h. */
#include "host/nsmsim/root.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/nsmsim/make.h"

#define KEY_NAME         "root.key"
#define CERTIFICATE_NAME "root.pem"
#define LIFE             (20ll * 365 * 24 * 3600) /* seconds */

static int refuse(struct fault *fault, const char *folder, const char *what, int error)
{
	return fault_set(fault, "root", "the development root in %s: %s%s%s", folder, what,
		error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
}

/* --- The folder ------------------------------------------------------------------------------- */

int root_folder(char folder[PATH_MAX], const char *chosen, struct fault *fault)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int size;

	if (chosen != NULL)
		size = snprintf(folder, PATH_MAX, "%s", chosen);
	else if (state != NULL && *state == '/')
		size = snprintf(folder, PATH_MAX, "%s/cloister/nsmsim", state);
	else if (home != NULL && *home == '/')
		size = snprintf(folder, PATH_MAX, "%s/.local/state/cloister/nsmsim", home);
	else
		return fault_set(fault, "root",
			"neither XDG_STATE_HOME nor HOME says where to keep the development root: "
			"give --root-dir");
	return size > 0 && size < PATH_MAX
		       ? 0
		       : fault_set(fault, "root", "the development root's folder is too long");
}

int root_path(char path[PATH_MAX], const char *folder, struct fault *fault)
{
	int size = snprintf(path, PATH_MAX, "%s/" CERTIFICATE_NAME, folder);

	return size < PATH_MAX
		       ? 0
		       : fault_set(fault, "root", "the development root's path is too long");
}

/* Makes the folder and those above it, for their user alone. */
static int make_folders(const char *folder)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s", folder);
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* Opened and locked: two that start at once make one root. */
static int open_folder(const char *folder, struct fault *fault)
{
	int at;

	if (make_folders(folder) != 0)
		return refuse(fault, folder, "can't make the folder", errno);
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return refuse(fault, folder, "can't open the folder", errno);
	if (flock(at, LOCK_EX) != 0) {
		(void)refuse(fault, folder, "can't lock the folder", errno);
		(void)close(at);
		return -1;
	}
	return at;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static FILE *create(int at, const char *name, mode_t mode)
{
	int fd;
	FILE *file;

	(void)unlinkat(at, name, 0);
	fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file == NULL && fd >= 0)
		(void)close(fd);
	return file;
}

/* The file appears when it is complete. */
static int finish(int at, FILE *file, const char *temporary, const char *name, bool is_good)
{
	is_good = is_good && fflush(file) == 0 && fsync(fileno(file)) == 0;
	is_good = fclose(file) == 0 && is_good;
	return is_good && renameat(at, temporary, at, name) == 0 ? 0 : -1;
}

static int write_key(int at, EVP_PKEY *key)
{
	FILE *file = create(at, KEY_NAME ".new", 0600);

	if (file == NULL)
		return -1;
	return finish(at, file, KEY_NAME ".new", KEY_NAME,
		PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
}

static int write_certificate(int at, X509 *certificate)
{
	FILE *file = create(at, CERTIFICATE_NAME ".new", 0644);

	if (file == NULL)
		return -1;
	return finish(at, file, CERTIFICATE_NAME ".new", CERTIFICATE_NAME,
		PEM_write_X509(file, certificate) == 1);
}

static int make(struct root *root, int at, const char *folder, struct fault *fault)
{
	const int64_t now = (int64_t)time(NULL);

	root->key = make_key();
	if (root->key == NULL)
		return fault_set(fault, "crypto", "libcrypto refuses to make a key");
	root->certificate = make_certificate(&(struct make_plan){.name = "nsmsim root",
		.constraints = "critical,CA:TRUE",
		.usage = "critical,digitalSignature,keyCertSign,cRLSign",
		.from = now - 60,
		.until = now + LIFE,
		.subject = root->key,
		.signer = root->key});
	if (root->certificate == NULL)
		return fault_set(fault, "crypto", "libcrypto refuses to make a certificate");
	if (write_certificate(at, root->certificate) != 0 || write_key(at, root->key) != 0)
		return refuse(fault, folder, "can't write it", errno);
	return 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static FILE *open_file(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (file == NULL && fd >= 0)
		(void)close(fd);
	return file;
}

static int read_key(struct root *root, FILE *file, const char *folder, struct fault *fault)
{
	struct stat stat;

	if (fstat(fileno(file), &stat) != 0)
		return refuse(fault, folder, "can't read the key", errno);
	if ((stat.st_mode & 077u) != 0)
		return refuse(
			fault, folder, "others may read the key: remove it, a new one is made", 0);
	root->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	return root->key != NULL ? 0 : refuse(fault, folder, "its key can't be read", 0);
}

static int read_certificate(struct root *root, int at, const char *folder, struct fault *fault)
{
	FILE *file = open_file(at, CERTIFICATE_NAME);

	if (file == NULL)
		return refuse(fault, folder, "its certificate can't be read", errno);
	root->certificate = PEM_read_X509(file, NULL, NULL, NULL);
	(void)fclose(file);
	if (root->certificate == NULL || X509_check_private_key(root->certificate, root->key) != 1)
		return refuse(fault, folder,
			"its certificate is not that of the key: remove both, new ones are made",
			0);
	return 0;
}

/* The key is written last: where it is, the root is complete. */
static int open_at(struct root *root, int at, const char *folder, struct fault *fault)
{
	FILE *file = open_file(at, KEY_NAME);
	int status;

	if (file == NULL && errno == ENOENT)
		return make(root, at, folder, fault);
	if (file == NULL)
		return refuse(fault, folder, "its key can't be opened", errno);
	status = read_key(root, file, folder, fault);
	(void)fclose(file);
	return status != 0 ? -1 : read_certificate(root, at, folder, fault);
}

int root_open(struct root *root, const char *folder, struct fault *fault)
{
	int at = open_folder(folder, fault);
	int status;

	*root = (struct root){.key = NULL};
	if (at < 0)
		return -1;
	status = open_at(root, at, folder, fault);
	(void)close(at);
	if (status != 0)
		root_close(root);
	return status;
}

void root_close(struct root *root)
{
	EVP_PKEY_free(root->key);
	X509_free(root->certificate);
	*root = (struct root){.key = NULL};
}
