/* little_endian: numbers as virtio and vhost-user have them on the wire. Pure functions:
 * verify/little_endian.acsl says what is proved. */
#ifndef CLOISTER_HOST_VSOCKD_LITTLE_ENDIAN_H
#define CLOISTER_HOST_VSOCKD_LITTLE_ENDIAN_H

#include <stdint.h>

uint16_t little_get16(const uint8_t bytes[2]);
uint32_t little_get32(const uint8_t bytes[4]);
uint64_t little_get64(const uint8_t bytes[8]);

void little_put16(uint8_t bytes[2], uint16_t number);
void little_put32(uint8_t bytes[4], uint32_t number);
void little_put64(uint8_t bytes[8], uint64_t number);

#endif
