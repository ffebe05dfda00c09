/* json: strings as JSON has them, and as a terminal may have them. */
#ifndef CLOISTER_HOST_INITCTL_JSON_H
#define CLOISTER_HOST_INITCTL_JSON_H

#include <stddef.h>
#include <stdio.h>

/* With its quotes. What is no UTF-8 becomes U+FFFD. */
void json_string(FILE *stream, const void *bytes, size_t size);

/* Line feeds and tabs as they are; what a terminal would act on, and what is no UTF-8, as \xNN. */
void terminal_text(FILE *stream, const void *bytes, size_t size);

#endif
