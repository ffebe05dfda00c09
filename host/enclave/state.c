/* state: see state.h. */
#include "host/enclave/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/enclave/backend.h"

#define CID_FIRST    16u /* of those that are chosen */
#define PORT_CHANNEL 5005u

static int state_fault(struct fault *fault, const char *what, const char *path)
{
	return fault_set(fault, "state", "cannot %s '%.300s': %s", what, path, strerror(errno));
}

int state_base(char base[PATH_MAX], bool make, struct fault *fault)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int size;

	if (runtime != NULL && *runtime == '/')
		size = snprintf(base, PATH_MAX - 300, "%s/cloister", runtime);
	else if (geteuid() == 0)
		size = snprintf(base, PATH_MAX - 300, "/run/cloister");
	else
		return fault_set(fault, "state",
			"where is the state of enclaves? set XDG_RUNTIME_DIR to a folder that "
			"only you can write to");
	if (size < 0 || size >= PATH_MAX - 300)
		return fault_set(fault, "state", "the path in XDG_RUNTIME_DIR is too long");
	if (make && mkdir(base, 0700) < 0 && errno != EEXIST)
		return state_fault(fault, "make the folder", base);
	return 0;
}

/* Waits for the lock of the folder above. */
static int lock_base(const char *base, struct fault *fault)
{
	char path[PATH_MAX + 8];
	int fd;

	(void)snprintf(path, sizeof path, "%s/.lock", base);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return state_fault(fault, "open", path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			(void)state_fault(fault, "lock", path);
			close(fd);
			return -1;
		}
	return fd;
}

/* --- Removing --------------------------------------------------------------------------------- */

static void remove_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		state_empty(fd);
		close(fd);
	}
	(void)rmdir(path);
}

void state_remove(struct state *state)
{
	struct fault ignored;
	int base = lock_base(state->base, &ignored);

	remove_folder(state->folder);
	if (state->lock >= 0)
		close(state->lock);
	state->lock = -1;
	if (base >= 0)
		close(base);
}

/* --- Looking ---------------------------------------------------------------------------------- */

/* Takes the lock of an enclave's folder, which nobody holds when its supervisor is dead. Returns
 * its descriptor; -1: somebody holds it, or there is none. */
static int try_lock(const char *folder, int flags)
{
	char path[PATH_MAX + 8];
	int fd;

	(void)snprintf(path, sizeof path, "%s/lock", folder);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool is_alive(const char *folder)
{
	int lock = try_lock(folder, O_CREAT);

	if (lock < 0)
		return errno == EWOULDBLOCK;
	close(lock);
	return false;
}

static int is_enclave(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Under the lock of the folder above. */
static int walk(const char *base,
	int (*each)(void *data, const char *name, const char *folder, json_t *json), void *data,
	struct fault *fault)
{
	struct dirent **entries;
	int count = scandir(base, &entries, is_enclave, alphasort), status = 0;

	if (count < 0)
		return state_fault(fault, "list", base);
	for (int i = 0; i < count; i++) {
		char folder[PATH_MAX], path[PATH_MAX + 16];
		json_t *json;

		(void)snprintf(folder, sizeof folder, "%s/%s", base, entries[i]->d_name);
		if (status == 0 && !is_alive(folder)) {
			remove_folder(folder);
		} else if (status == 0) {
			(void)snprintf(path, sizeof path, "%s/state.json", folder);
			json = json_load_file(path, 0, NULL);
			if (json != NULL)
				status = each(data, entries[i]->d_name, folder, json);
			json_decref(json);
		}
		free(entries[i]);
	}
	free(entries);
	return status;
}

int state_each(int (*each)(void *data, const char *name, const char *folder, json_t *json),
	void *data, struct fault *fault)
{
	char base[PATH_MAX];
	int lock, status;

	if (state_base(base, false, fault) < 0)
		return -1;
	if (access(base, F_OK) < 0 && errno == ENOENT)
		return 0;
	lock = lock_base(base, fault);
	if (lock < 0)
		return -1;
	status = walk(base, each, data, fault);
	close(lock);
	return status;
}

struct search {
	const char *name, *id;
	char *folder;
	json_t *found;
};

static int match(void *data, const char *name, const char *folder, json_t *json)
{
	struct search *search = data;
	const char *id = json_string_value(json_object_get(json, "EnclaveID"));

	if (search->name != NULL ? strcmp(name, search->name) != 0
				 : id == NULL || strcmp(id, search->id) != 0)
		return 0;
	(void)snprintf(search->folder, PATH_MAX, "%s", folder);
	search->found = json_incref(json);
	return 1;
}

int state_find(
	const char *name, const char *id, char folder[PATH_MAX], json_t **json, struct fault *fault)
{
	struct search search = {.name = name, .id = id, .folder = folder};

	if (state_each(match, &search, fault) < 0)
		return -1;
	if (search.found == NULL)
		return fault_set(fault, "not_found",
			"there is no enclave '%.100s'; `enclave list` tells which there are",
			name != NULL ? name : id);
	*json = search.found;
	return 0;
}

/* --- Making ----------------------------------------------------------------------------------- */

/* Who has which name and CID. */
struct census {
	const char *name;
	uint32_t cid;
	bool name_taken, cid_taken;
};

static int count_one(void *data, const char *name, const char *folder, json_t *json)
{
	struct census *census = data;

	(void)folder;
	if (strcmp(name, census->name) == 0)
		census->name_taken = true;
	if (json_integer_value(json_object_get(json, "EnclaveCID")) == (json_int_t)census->cid)
		census->cid_taken = true;
	return 0;
}

static int choose(const char *base, struct settings *settings, struct fault *fault)
{
	char stem[SETTINGS_NAME_MAX + 1u];
	bool any_cid = settings->cid == 0;

	memcpy(stem, settings->name, sizeof stem);
	settings->cid = any_cid ? CID_FIRST : settings->cid;
	for (unsigned suffix = 0;;) {
		struct census census = {.name = settings->name, .cid = settings->cid};

		if (walk(base, count_one, &census, fault) < 0)
			return -1;
		if (census.name_taken && settings->is_named)
			return fault_set(fault, "in_use", "there is an enclave '%s' already",
				settings->name);
		if (census.cid_taken && !any_cid)
			return fault_set(fault, "in_use", "CID %u belongs to another enclave",
				settings->cid);
		if (!census.name_taken && !census.cid_taken)
			return 0;
		if (census.name_taken)
			(void)snprintf(
				settings->name, sizeof settings->name, "%.50s_%u", stem, ++suffix);
		settings->cid += census.cid_taken;
	}
}

static int make_folders(const struct state *state, uint32_t cid, struct fault *fault)
{
	char path[PATH_MAX + 32];

	if (mkdir(state->folder, 0700) < 0)
		return state_fault(fault, "make the folder", state->folder);
	(void)snprintf(path, sizeof path, "%s/vsock", state->folder);
	if (mkdir(path, 0755) < 0)
		return state_fault(fault, "make the folder", path);
	(void)snprintf(path, sizeof path, "%s/vsock/3", state->folder);
	if (mkdir(path, 0755) < 0)
		return state_fault(fault, "make the folder", path);
	(void)snprintf(path, sizeof path, "%s/vsock/%u", state->folder, cid);
	if (mkdir(path, 0755) < 0)
		return state_fault(fault, "make the folder", path);
	return 0;
}

static int write_first(
	const struct state *state, const struct settings *settings, struct fault *fault)
{
	char text[ADDRESS_TEXT_MAX + 32];
	size_t size;
	struct address address = {0};
	json_t *json = json_pack("{s:I}", "EnclaveCID", (json_int_t)settings->cid);
	int status = state_write_json(state, "state.json", json, fault);

	json_decref(json);
	if (status < 0 || settings->backend->address(
				  state->folder, settings->cid, PORT_CHANNEL, &address, fault) < 0)
		return -1;
	if (address.kind == ADDRESS_STAND_IN) /* for others, who know of no folder */
		(void)snprintf(text, sizeof text, "unix:%s/%u/%u", address.text, address.cid,
			address.port);
	else
		address_print(&address, text);
	size = strlen(text);
	text[size++] = '\n'; /* over the NUL */
	return state_write(state, "address", text, size, fault);
}

static int claim(struct state *state, struct settings *settings, struct fault *fault)
{
	if (choose(state->base, settings, fault) < 0)
		return -1;
	(void)snprintf(state->folder, sizeof state->folder, "%.*s/%s", PATH_MAX - 100, state->base,
		settings->name);
	if (make_folders(state, settings->cid, fault) < 0)
		return -1;
	state->lock = try_lock(state->folder, O_CREAT);
	if (state->lock < 0)
		return state_fault(fault, "lock", state->folder);
	return write_first(state, settings, fault);
}

int state_claim(struct state *state, struct settings *settings, struct fault *fault)
{
	int base, status;

	state->folder[0] = '\0';
	state->lock = -1;
	if (state_base(state->base, true, fault) < 0)
		return -1;
	base = lock_base(state->base, fault);
	if (base < 0)
		return -1;
	status = claim(state, settings, fault);
	if (status < 0 && state->folder[0] != '\0')
		remove_folder(state->folder);
	if (status < 0 && state->lock >= 0)
		close(state->lock);
	close(base);
	return status;
}

int state_write(const struct state *state, const char *name, const char *text, size_t size,
	struct fault *fault)
{
	char path[PATH_MAX + 32], temporary[PATH_MAX + 48];
	int fd, status;

	(void)snprintf(path, sizeof path, "%s/%s", state->folder, name);
	(void)snprintf(temporary, sizeof temporary, "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return state_fault(fault, "make", temporary);
	status = write(fd, text, size) == (ssize_t)size ? 0 : state_fault(fault, "write", path);
	close(fd);
	if (status == 0 && rename(temporary, path) < 0)
		return state_fault(fault, "make", path);
	return status;
}

int state_write_json(
	const struct state *state, const char *name, const json_t *json, struct fault *fault)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
	int status;

	if (text == NULL)
		return fault_set(fault, "memory", "no memory for the state");
	status = state_write(state, name, text, strlen(text), fault);
	free(text);
	return status;
}
