/* json: another name of what initctl shares with others. */
#ifndef CLOISTER_HOST_INITCTL_JSON_H
#define CLOISTER_HOST_INITCTL_JSON_H

#include "runtime/control/text.h"

#define json_string json_text

#endif
