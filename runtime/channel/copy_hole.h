/* copy_hole: bytes of a file that are zero and have no place on the disk. Both ends of a copy keep
 * it so, where their file systems can; the digest covers the zeros as it does all bytes. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_HOLE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_HOLE_H

#include <stdint.h>

#define COPY_HOLE_MAX   1048576u /* bytes of one field: SLC_FIELD_LENGTH_MAX */
#define COPY_ZEROS_SIZE 65536u

extern const uint8_t copy_zeros[COPY_ZEROS_SIZE];

#endif
