/* nitro_error: see nitro_error.h. */
#include "host/enclave/nitro_error.h"

#include <stdbool.h>
#include <string.h>

static const char doctor[] = "`enclave doctor --backend nitro` looks for the cause";
static const char more_memory[] = "give --memory what `enclave size` tells";
static const char pool[] = "set cpu_count in /etc/nitro_enclaves/allocator.yaml and restart "
			   "nitro-enclaves-allocator; `enclave doctor` shows the pool";

const struct nitro_error nitro_errors[NITRO_ERRORS] = {
	[0] = {"failed, and does not say how", NULL},
	[1] = {"an argument is missing", NULL},
	[2] = {"arguments contradict each other", NULL},
	[3] = {"an argument is wrong", NULL},
	[4] = {"no pair of sockets could be made", NULL},
	[5] = {"the enclave's process could not be started", NULL},
	[6] = {"the enclave's process could not be made a daemon", NULL},
	[7] = {"reading from disk failed", NULL},
	[8] = {"a connection is of no use", NULL},
	[9] = {"closing a socket failed", NULL},
	[10] = {"connecting took too long", NULL},
	[11] = {"a socket failed", doctor},
	[12] = {"waiting for events failed", NULL},
	[13] = {"watching a folder failed", NULL},
	[14] = {"there is no such command", NULL},
	[15] = {"a lock could not be taken", NULL},
	[16] = {"a thread did not end well", NULL},
	[17] = {"data could not be written or read as JSON or CBOR", NULL},
	[18] = {"permission is missing", "usermod -aG ne $USER, and log in again"},
	[19] = {"a file could not be used", doctor},
	[20] = {"the list of CPUs is not right", pool},
	[21] = {"there is no such CPU", pool},
	[22] = {"there are too few free CPUs", pool},
	[23] = {"a CPU's number is not right", NULL},
	[24] = {"a CPU could not be given", pool},
	[25] = {"a size of hugepages is not known", NULL},
	[26] = {"the memory asked for is too little for the image", more_memory},
	[27] = {"there is too little free memory",
		"set memory_mib in /etc/nitro_enclaves/allocator.yaml and restart "
		"nitro-enclaves-allocator"},
	[28] = {"the enclave's descriptor is not right", NULL},
	[29] = {"the driver refuses", doctor},
	[30] = {"the driver does not tell where the image goes", doctor},
	[31] = {"the driver does not take memory", doctor},
	[32] = {"the driver does not take a CPU", pool},
	[33] = {"the driver does not start the enclave", doctor},
	[34] = {"a number is too large", NULL},
	[35] = {"the image could not be taken apart, or there are no hugepages for it", doctor},
	[36] = {"the enclave did not boot, or sent no heartbeat",
		"run it with --debug-mode --attach-"
		"console, or with --backend qemu"},
	[37] = {"waiting for the enclave's events failed", NULL},
	[38] = {"a command was not executed", NULL},
	[39] = {"the enclave's process can't be reached", doctor},
	[40] = {"the path of a socket is not right", NULL},
	[41] = {"the reply could not be sent", NULL},
	[42] = {"memory could not be mapped", NULL},
	[43] = {"memory could not be unmapped", NULL},
	[44] = {"the console can't be connected to", "run the enclave with --debug-mode"},
	[45] = {"the console can't be read", NULL},
	[46] = {"the console can't be written out", NULL},
	[47] = {"a text is no number", NULL},
	[48] = {"the image could not be built", NULL},
	[49] = {"docker could not build", NULL},
	[50] = {"docker could not pull", NULL},
	[51] = {"NITRO_CLI_ARTIFACTS and HOME name no folder", NULL},
	[52] = {"NITRO_CLI_BLOBS names no folder of blobs", NULL},
	[53] = {"the clock is wrong", NULL},
	[54] = {"signals could not be held back", NULL},
	[55] = {"signals could not be let through", NULL},
	[56] = {"the log could not be set up", NULL},
	[57] = {"hashing failed", NULL},
	[58] = {"the enclave's name is taken, or nobody has it", NULL},
	[59] = {"the image's signature does not hold", NULL},
	[60] = {"the image could not be signed", NULL},
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

int nitro_error_find(const char *text, const char **line, size_t *size)
{
	static const char begin[] = "[ E";
	int found = -1;

	for (const char *at = strstr(text, begin); at != NULL; at = strstr(at + 1, begin)) {
		const char *digits = at + sizeof begin - 1;
		unsigned number;

		if (!is_digit(digits[0]) || !is_digit(digits[1]) || digits[2] != ' ' ||
			digits[3] != ']')
			continue;
		number = 10u * (unsigned)(digits[0] - '0') + (unsigned)(digits[1] - '0');
		if (number >= NITRO_ERRORS)
			continue;
		found = (int)number;
		*line = digits + 4 + strspn(digits + 4, " ");
		*size = strcspn(*line, "\r\n");
	}
	return found;
}

unsigned nitro_error_of(const struct fault *fault)
{
	static const struct {
		const char *word;
		unsigned number;
	} rows[] = {{"missing", 1}, {"conflict", 2}, {"command", 14}, {"usage", 3},
		{"supervisor", 5}, {"spawn", 5}, {"not_executable", 5}, {"late", 10},
		{"config", 17}, {"denied", 18}, {"input", 19}, {"io", 19}, {"state", 19},
		{"too_small", 26}, {"memory", 27}, {"space", 27}, {"heartbeat", 36}, {"panic", 36},
		{"exited", 36}, {"left", 36}, {"start", 36}, {"init", 36}, {"nsm", 36},
		{"keeper", 36}, {"unpacker", 36}, {"ended", 39}, {"refused", 39}, {"no_id", 39},
		{"not_debug", 44}, {"limit", 44}, {"crypto", 57}, {"in_use", 58}, {"not_found", 58},
		{"signature", 59}, {"certificate", 59}, {"signature-form", 59}, {"stuck", 38},
		{"qemu", 29}, {"nitro_cli", 0}};

	if (fault->word[0] == 'e' && is_digit(fault->word[1]) && is_digit(fault->word[2]) &&
		fault->word[3] == '\0')
		return 10u * (unsigned)(fault->word[1] - '0') + (unsigned)(fault->word[2] - '0');
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].word, fault->word) == 0)
			return rows[i].number;
	return 35; /* all others tell what is wrong with an image */
}
