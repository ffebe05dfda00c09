/* where: see where.h. */
#include "host/pipeline/where.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/client/enclave.h"

#define PORT_USUAL 5005u /* spec/ports.md */

static const char *from_environment(void)
{
	const char *text = getenv("CLOISTER_ADDR");

	return text != NULL && *text != '\0' ? text : NULL;
}

bool where_is_given(const struct options *options)
{
	return options->address != NULL || options->enclave != NULL ||
	       options->enclave_id != NULL || options->has_cid || from_environment() != NULL;
}

/* --- By the identity of an enclave ------------------------------------------------------------ */

static bool has_identity(const char *folder, const char *name, const char *identity)
{
	char path[PATH_MAX];
	json_t *state;
	const char *found;
	bool is_it;

	if (*name == '.' ||
		snprintf(path, sizeof path, "%s/%s/state.json", folder, name) >= PATH_MAX)
		return false;
	state = json_load_file(path, 0, NULL);
	found = json_string_value(json_object_get(state, "EnclaveID"));
	is_it = found != NULL && strcmp(found, identity) == 0;
	json_decref(state);
	return is_it;
}

/* The name that the launcher knows it by. */
static int find_name(const char *identity, char name[NAME_MAX + 1], struct fault *fault)
{
	char folder[PATH_MAX];
	const struct dirent *entry;
	DIR *list;

	if (enclave_folder(folder, fault) != 0)
		return -1;
	list = opendir(folder);
	name[0] = '\0';
	while (list != NULL && name[0] == '\0' && (entry = readdir(list)) != NULL)
		if (has_identity(folder, entry->d_name, identity))
			(void)snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	if (list != NULL)
		closedir(list);
	if (name[0] == '\0')
		return fault_set(fault, "not_found",
			"no enclave in %.200s has the EnclaveID %.100s; `enclave list` shows those "
			"that run",
			folder, identity);
	return 0;
}

/* --- Another port of it ----------------------------------------------------------------------- */

/* The launcher's address of an enclave ends with the port of its channel, in both of its forms:
 * vsock:CID:PORT, unix:FOLDER/CID/PORT. */
static int change_port(struct address *address, uint32_t port, struct fault *fault)
{
	char *slash = strrchr(address->text, '/');
	size_t used = slash != NULL ? (size_t)(slash + 1 - address->text) : 0;

	if (address->kind == ADDRESS_VSOCK || address->kind == ADDRESS_HYBRID) {
		address->port = port;
		return 0;
	}
	if (address->kind != ADDRESS_UNIX || slash == NULL ||
		strspn(slash + 1, "0123456789") != strlen(slash + 1) ||
		snprintf(address->text + used, sizeof address->text - used, "%" PRIu32, port) >=
			(int)(sizeof address->text - used))
		return fault_set(fault, "usage",
			"--port: the address of this enclave has no port of vsock in it");
	return 0;
}

/* --- All of it -------------------------------------------------------------------------------- */

/* An enclave of the file that has an address there is reached by that, the others by the
 * launcher's. */
static int of_enclave(const struct options *options, const struct profile *profile,
	struct address *address, struct failure *failure)
{
	char name[NAME_MAX + 1];
	const char *wanted = profile->enclave;

	if (options->enclave_id != NULL) {
		if (find_name(options->enclave_id, name, &failure->fault) != 0)
			return -1;
		wanted = name;
	}
	if (options->enclave_id == NULL && profile->address != NULL
			? address_parse(profile->address, address, &failure->fault) != 0
			: enclave_address(wanted, address, failure) != 0)
		return -1;
	return options->port != 0 ? change_port(address, options->port, &failure->fault) : 0;
}

static int of_text(const struct options *options, struct address *address, struct fault *fault)
{
	char vsock[64];
	const char *text = options->address;

	if (options->has_cid) {
		(void)snprintf(vsock, sizeof vsock, "vsock:%" PRIu32 ":%" PRIu32, options->cid,
			options->port != 0 ? options->port : PORT_USUAL);
		text = vsock;
	} else if (options->port != 0) {
		return fault_set(fault, "usage", "--port goes with --cid or with an enclave");
	}
	if (text == NULL)
		text = from_environment();
	if (text == NULL)
		text = options->fallback;
	if (text == NULL)
		return fault_set(fault, "usage",
			"where to? give --addr ADDRESS or --enclave NAME, or set CLOISTER_ADDR");
	return address_parse(text, address, fault);
}

int where_address(const struct options *options, const struct profile *profile,
	struct address *address, struct failure *failure)
{
	int ways = (options->address != NULL) + (options->enclave != NULL) +
		   (options->enclave_id != NULL) + (options->has_cid ? 1 : 0);
	int status;

	if (ways > 1)
		return fault_set(&failure->fault, "usage",
			"where to? --addr, --enclave, --enclave-id and --cid exclude each other");
	status = options->enclave_id != NULL || profile->enclave != NULL
			 ? of_enclave(options, profile, address, failure)
			 : of_text(options, address, &failure->fault);
	if (status != 0)
		return -1;
	return address_stand_in(address, getenv("CLOISTER_VSOCK_DIR"), &failure->fault);
}
