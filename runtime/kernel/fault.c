/* fault: see fault.h. */
#include "runtime/kernel/fault.h"

#include <stdarg.h>
#include <string.h>

/* Nothing is read of what the fault was before: its owner need not set it. */
static void begin(struct fault *fault, const char *word)
{
	fault->text[0] = '\0';
	(void)snprintf(fault->word, sizeof fault->word, "%s", word);
}

int fault_set(struct fault *fault, const char *word, const char *format, ...)
{
	va_list arguments;

	begin(fault, word);
	va_start(arguments, format);
	(void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
	va_end(arguments);
	return -1;
}

int fault_io(struct fault *fault, int error, const char *format, ...)
{
	va_list arguments;
	size_t used;

	begin(fault, "io");
	va_start(arguments, format);
	(void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
	va_end(arguments);
	used = strlen(fault->text);
	(void)snprintf(fault->text + used, sizeof fault->text - used, ": %s", strerror(error));
	return -1;
}

void fault_print(FILE *stream, const char *program, const struct fault *fault)
{
	fprintf(stream, "%s: ", program);
	print_escaped(stream, fault->text);
	fputc('\n', stream);
}

void print_escaped(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte > 0x7e)
			fprintf(stream, "\\x%02x", byte);
		else
			fputc(byte, stream);
	}
}
