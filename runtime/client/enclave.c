/* enclave: see enclave.h. */
#include "runtime/client/enclave.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/path.h"

#define FOLDER "cloister"
#define MEMBER "address"

int enclave_folder(char path[PATH_MAX], struct fault *fault)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int size;

	if (runtime != NULL && *runtime == '/')
		size = snprintf(path, PATH_MAX, "%s/" FOLDER, runtime);
	else if (geteuid() == 0)
		size = snprintf(path, PATH_MAX, "/run/" FOLDER);
	else
		return fault_set(fault, "usage",
			"--enclave: where is the state of enclaves? set XDG_RUNTIME_DIR as it was "
			"for the launcher, or give --addr");
	if (size >= PATH_MAX)
		return fault_set(fault, "usage", "the path in XDG_RUNTIME_DIR is too long");
	return 0;
}

static int check_name(const char *name, struct fault *fault)
{
	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL ||
		strlen(name) > PATH_PART_MAX)
		return fault_set(fault, "usage",
			"--enclave wants a name, without a dot in front and without '/', and not "
			"'%.200s'",
			name);
	return 0;
}

/* Opens FOLDER/NAME/address. */
static int open_file(const char *folder, const char *name, int *fd, struct fault *fault)
{
	char member[PATH_PART_MAX + sizeof "/" MEMBER];
	int size = snprintf(member, sizeof member, "%s/" MEMBER, name);
	struct path_tree tree = {.fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
	int status = -1;

	if (tree.fd < 0 && errno != ENOENT)
		return fault_set(fault, "input", "cannot open %.300s: %s", folder, strerror(errno));
	if (tree.fd >= 0)
		status = path_open_member(&tree, member, (size_t)size, O_RDONLY, 0, fd, fault);
	if (tree.fd < 0 || (status != 0 && strcmp(fault->word, "not_found") == 0))
		(void)fault_set(fault, "not_found",
			"no enclave '%.100s' has an address in %.200s; `enclave list` shows those "
			"that run",
			name, folder);
	if (tree.fd >= 0)
		close(tree.fd);
	return status;
}

/* The one line of a file, without its newline. */
static int read_line(int fd, const char *name, char text[ADDRESS_TEXT_MAX], struct fault *fault)
{
	char bytes[ADDRESS_TEXT_MAX + 2];
	ssize_t got = read(fd, bytes, sizeof bytes);
	size_t size = got > 0 ? (size_t)got : 0;

	if (got < 0)
		return fault_set(fault, "input", "cannot read the address of enclave '%.100s': %s",
			name, strerror(errno));
	if (size > 0 && bytes[size - 1] == '\n')
		size--;
	if (size == 0 || size >= ADDRESS_TEXT_MAX || memchr(bytes, '\n', size) != NULL ||
		memchr(bytes, '\0', size) != NULL)
		return fault_set(fault, "input",
			"the address of enclave '%.100s' is not one line; was it written by "
			"another version of the launcher?",
			name);
	memcpy(text, bytes, size);
	text[size] = '\0';
	return 0;
}

int enclave_address(const char *name, struct address *address, struct failure *failure)
{
	char folder[PATH_MAX], text[ADDRESS_TEXT_MAX];
	struct fault *fault = &failure->fault, inner;
	int fd = -1, status;

	if (check_name(name, fault) != 0 || enclave_folder(folder, fault) != 0 ||
		open_file(folder, name, &fd, fault) != 0)
		return -1;
	status = read_line(fd, name, text, fault);
	close(fd);
	if (status != 0)
		return -1;
	if (address_parse(text, address, &inner) != 0)
		return fault_set(fault, "input", "enclave '%.100s' has no good address: %.300s",
			name, inner.text);
	return 0;
}
