/* wire: numbers, frame headers, field headers and HELLO as bytes: pure functions, proved to write
 * exactly what slc_frame, slc_field and slc_hello read (verify/slc_wire.acsl). */
#ifndef CLOISTER_RUNTIME_CHANNEL_WIRE_H
#define CLOISTER_RUNTIME_CHANNEL_WIRE_H

#include <stdint.h>

#include "fsm/slc_field.h"
#include "fsm/slc_frame.h"
#include "fsm/slc_hello.h"

/* Big-endian, as all numbers of the protocol. */
void wire_put_number(uint8_t bytes[4], uint32_t number);
void wire_put_long(uint8_t bytes[8], uint64_t number);
uint32_t wire_number(const uint8_t bytes[4]);
uint64_t wire_long(const uint8_t bytes[8]);

/* type: 1..14. stream: 0..2. channel: 0..65535. */
void wire_put_frame(uint8_t bytes[SLC_FRAME_SIZE], uint32_t type, uint32_t stream, uint32_t channel,
	uint32_t length);

/* tag: 0..65535. */
void wire_put_field(uint8_t bytes[SLC_FIELD_SIZE], uint32_t tag, uint32_t length);

/* The payload of a HELLO of this version, from the same struct that reads it. */
void wire_put_hello(uint8_t bytes[SLC_HELLO_SIZE], const struct slc_hello *hello);

#endif
