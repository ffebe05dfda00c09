/* metadata: see metadata.h. */
#include "runtime/eif/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/eif/epoch.h"
#include "runtime/eif/layout.h"

#define CONFIG_HEAD  4096 /* bytes of a kernel configuration that are looked at */
#define CONFIG_WORDS 4
#define TIME_SIZE    40
#define UNKNOWN      "Unknown"

static const char *const build_fields[] = {
	"BuildTime", "BuildTool", "BuildToolVersion", "OperatingSystem", "KernelVersion"};
#define BUILD_FIELDS (sizeof build_fields / sizeof build_fields[0])

/* What a kernel configuration says of itself in its third line. */
struct kernel_words {
	char head[CONFIG_HEAD + 1];
	const char *words[CONFIG_WORDS];
};

/* Reads up to `room` bytes from the beginning of a regular file. */
static int read_head(const char *path, char *bytes, size_t room, size_t *size, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t got = 1;

	if (fd < 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		(void)close(fd);
		return fault_set(fault, "input", "can't read %s: it is no regular file", path);
	}
	for (*size = 0; *size < room && got > 0; *size += (size_t)got) {
		got = read(fd, bytes + *size, room - *size);
		if (got < 0) {
			(void)fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
			(void)close(fd);
			return -1;
		}
	}
	(void)close(fd);
	return 0;
}

/* Splits the third line at each blank, slash and hyphen. The words 1 and 3 are system and
 * version. */
static int read_kernel_words(const char *path, struct kernel_words *config, struct fault *fault)
{
	char *line = config->head;
	size_t size = 0;

	if (read_head(path, config->head, CONFIG_HEAD, &size, fault) < 0)
		return -1;
	config->head[size] = '\0';
	for (int i = 0; i < 2; i++) {
		line = strchr(line, '\n');
		if (line == NULL)
			return fault_set(fault, "kernel-config",
				"%s is no kernel configuration: it has no third line", path);
		line++;
	}
	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < CONFIG_WORDS; i++)
		config->words[i] = line == NULL ? UNKNOWN : strsep(&line, " /-");
	return 0;
}

static int read_custom(const char *path, json_t **custom, struct fault *fault)
{
	char text[METADATA_CUSTOM_MAX + 1];
	size_t size = 0;

	if (read_head(path, text, sizeof text, &size, fault) < 0)
		return -1;
	if (size > METADATA_CUSTOM_MAX)
		return fault_set(
			fault, "metadata", "%s is larger than %d bytes", path, METADATA_CUSTOM_MAX);
	*custom = eif_tree_read(text, size, path, fault);
	if (*custom == NULL)
		return -1;
	if (json_is_null(*custom) ||
		(json_is_object(*custom) && json_object_get(*custom, "#") == NULL))
		return 0;
	json_decref(*custom);
	*custom = NULL;
	return fault_set(fault, "metadata",
		"%s is no JSON object, so AWS's tools could not describe the image", path);
}

static int default_time(char text[TIME_SIZE], struct fault *fault)
{
	int64_t seconds;
	time_t time;
	struct tm parts;

	if (epoch_seconds(&seconds, fault) < 0)
		return -1;
	time = (time_t)seconds;
	gmtime_r(&time, &parts);
	strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S+00:00", &parts);
	return 0;
}

/* Puts the defaults in the place of what was not given. */
static int fill(struct metadata *metadata, struct kernel_words *config, char time[TIME_SIZE],
	struct fault *fault)
{
	const char *slash = strrchr(metadata->kernel, '/');

	if (default_time(time, fault) < 0)
		return -1;
	config->words[1] = UNKNOWN;
	config->words[3] = UNKNOWN;
	if (metadata->kernel_config != NULL &&
		read_kernel_words(metadata->kernel_config, config, fault) < 0)
		return -1;
	if (metadata->name == NULL)
		metadata->name = slash == NULL ? metadata->kernel : slash + 1;
	if (metadata->version == NULL)
		metadata->version = "1.0";
	if (metadata->build_time == NULL)
		metadata->build_time = time;
	if (metadata->build_tool == NULL)
		metadata->build_tool = "cloister-eif";
	if (metadata->build_tool_version == NULL)
		metadata->build_tool_version = CLOISTER_VERSION;
	if (metadata->system == NULL)
		metadata->system = config->words[1];
	if (metadata->system_version == NULL)
		metadata->system_version = config->words[3];
	return 0;
}

static int check_utf8(const char *text, const char *what, struct fault *fault)
{
	json_t *string = json_string(text);

	if (string == NULL)
		return fault_set(fault, "metadata", "%s is no UTF-8 text: %.80s", what, text);
	json_decref(string);
	return 0;
}

static int print_section(
	const struct metadata *metadata, json_t *custom, FILE *file, struct fault *fault)
{
	const char *values[BUILD_FIELDS] = {metadata->build_time, metadata->build_tool,
		metadata->build_tool_version, metadata->system, metadata->system_version};
	struct emit emit;

	if (check_utf8(metadata->name, "the image's name", fault) < 0 ||
		check_utf8(metadata->version, "the image's version", fault) < 0)
		return -1;
	emit_start(&emit, file, false);
	emit_begin(&emit, NULL, '{');
	emit_string(&emit, "ImageName", metadata->name);
	emit_string(&emit, "ImageVersion", metadata->version);
	emit_begin(&emit, "BuildMetadata", '{');
	for (size_t i = 0; i < BUILD_FIELDS; i++) {
		if (check_utf8(values[i], build_fields[i], fault) < 0)
			return -1;
		emit_string(&emit, build_fields[i], values[i]);
	}
	emit_end(&emit, '}');
	emit_literal(&emit, "DockerInfo", "null");
	eif_tree_emit(&emit, "CustomMetadata", custom);
	emit_end(&emit, '}');
	return 0;
}

int metadata_make(const struct metadata *metadata, char **text, size_t *size, struct fault *fault)
{
	struct metadata filled = *metadata;
	struct kernel_words config;
	char time[TIME_SIZE];
	json_t *custom = NULL;
	FILE *file;
	int status;

	*text = NULL;
	if (fill(&filled, &config, time, fault) < 0)
		return -1;
	if (metadata->custom != NULL && read_custom(metadata->custom, &custom, fault) < 0)
		return -1;
	file = open_memstream(text, size);
	status = file == NULL ? -1 : print_section(&filled, custom, file, fault);
	if (file == NULL || (fclose(file) != 0 && status == 0))
		status = fault_set(fault, "memory", "no memory for the metadata");
	json_decref(custom);
	if (status == 0 && *size > EIF_METADATA_MAX)
		status = fault_set(fault, "metadata", "the metadata is larger than %d bytes",
			EIF_METADATA_MAX);
	if (status < 0) {
		free(*text);
		*text = NULL;
	}
	return status;
}

json_t *metadata_read(const char *text, size_t size, const char *path, struct fault *fault)
{
	char what[256];
	json_t *tree;
	const json_t *build;
	bool complete;
	size_t ignored;

	(void)snprintf(what, sizeof what, "%.200s: the metadata section", path);
	tree = eif_tree_read(text, size, what, fault);
	if (tree == NULL)
		return NULL;
	build = eif_tree_member(tree, "BuildMetadata");
	complete = eif_tree_text(tree, "ImageName", &ignored) != NULL &&
		   eif_tree_text(tree, "ImageVersion", &ignored) != NULL;
	for (size_t i = 0; i < BUILD_FIELDS; i++)
		complete = complete && eif_tree_text(build, build_fields[i], &ignored) != NULL;
	if (complete)
		return tree;
	json_decref(tree);
	(void)fault_set(
		fault, "metadata", "%s lacks a name, a version or a field of the build", what);
	return NULL;
}

void metadata_emit(struct emit *emit, const json_t *metadata)
{
	const json_t *build = eif_tree_member(metadata, "BuildMetadata");
	json_t *custom = eif_tree_member(metadata, "CustomMetadata");

	eif_tree_emit(emit, "ImageName", eif_tree_member(metadata, "ImageName"));
	eif_tree_emit(emit, "ImageVersion", eif_tree_member(metadata, "ImageVersion"));
	emit_begin(emit, "Metadata", '{');
	for (size_t i = 0; i < BUILD_FIELDS; i++)
		eif_tree_emit(emit, build_fields[i], eif_tree_member(build, build_fields[i]));
	eif_tree_emit(emit, "DockerInfo", eif_tree_member(metadata, "DockerInfo"));
	if (json_is_object(custom) && json_object_get(custom, "#") == NULL)
		eif_tree_emit_members(emit, custom);
	emit_end(emit, '}');
}
