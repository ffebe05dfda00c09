/* verify: judges an attestation document that was kept in a file.
 *
 *   cc verify.c $(pkg-config --cflags --libs cloister) -o verify
 *   ./verify DOCUMENT OPTION=VALUE...        as root=FILE or policy=FILE
 */
#include <cloister.h>

#include <stdio.h>
#include <string.h>

int main(int count, char **words)
{
	static char document[16385];
	struct cloister_options *options = cloister_options_new();
	struct cloister_error error;
	FILE *file = count > 1 ? fopen(words[1], "rb") : NULL;
	size_t size;

	if (file == NULL || options == NULL)
		return 2;
	size = fread(document, 1, sizeof document, file);
	(void)fclose(file);
	for (int i = 2; i < count; i++) {
		char *value = strchr(words[i], '=');

		if (value == NULL)
			return 2;
		*value = '\0';
		if (cloister_set(options, words[i], value + 1, &error) != 0) {
			fprintf(stderr, "%s\n", error.text);
			return 2;
		}
	}
	if (cloister_verify(options, document, size, NULL, 0, &error) != 0) {
		printf("refused: %s: %s\n", error.word, error.text);
		return 1;
	}
	printf("accepted\n");
	cloister_options_free(options);
	return 0;
}
